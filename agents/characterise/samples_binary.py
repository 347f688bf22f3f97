"""Samples that cannot be written by hand: small documents, plain and encrypted, and keys made for this purpose alone."""

import base64
import zlib

# one page with the words "Hello alpha"; the encrypted ones open with `secret`
_PACKED = {
    'plain.pdf': (
        'eNptUU1PwjAYvvdXPBcSPWg/thJNCAcUYqJGArsRD4UVGJkr6YpBf71ttwBhLs2yPX2+3rY3fZ7c8fuUcDCY5Y4MBqDZz16DPimnSrMBnaqN'
        'riE8YYbhkOgqD0TRETQ8+lrkNRZJoH96F3OoHPiFMPlXGN5We2qTQ991XqiROWLBPCAYA2fM+810bQ525YOCfmK8In5wyLZgWD62ct6tRnpV'
        'O71If9PVxm2Rxna1s1p9kVEWzbhAtvaRkAxZjpsXXZYGqtxv1S2yHcZZMGw1rbXsDBbr0flh6eJvADnoSNW62fGu39oVK3VR8Gj1mjD0CTs9'
        '6EuZSKxxxh7R7FRnTD50MM5lBxN+3GssScQZc1YVpbZxjHnxq9H3p25MuMT2KGunrIs9UyZIrzf+mJA/FQiZEw=='
    ),
    'rc4_40.pdf': (
        'eNqtU01u1DAU3nuDxAYJhLCERmIBxM6zHUcazaKlFRSqjqaULlCRPLZTAtOkSpyq5Qa9ATdgwQUQh4AFJwBWrJDYI/GS/kxEWBIn0fPn9773'
        '69H0wfo9fl+Q0bfvn78QThkt56/IeEyipyeHnkZTs+9rEq2WTREoJ9Hj3NX0ORWoOKN7ZDIhvnCtSdwznVala6yv6NjOleQObGomPV0YuFk1'
        'wSzKfXLmj7ZxzEi01YRFXuA+6fZLAvHPOEm06V1uVspjjJDhihmjHL89Es18XTaVRa7WZr3EbDqBU3nBjS/mWQRfhJqqswimpvJt4n/5lwP/'
        'LSOJtpt56LYtiNVaMbXvfEUP/eLIh9yaHovqsTzxxX54SQVvz+tQeXNA7k7fXms+/rizu3bjyot3zebp4tbuJ/7r9k15deODvv5143Tn4OfR'
        '79fvW8Jzm3PqZEm99Kd7/p61zZzReOmZYbY05iIRGpQQWJt8EbCH0XYwhTOVw37QcRpnnmVCSGGcsCkqqhQyAMsSO5cikzpx1nMfK42aqbfe'
        'KM4Sw32mgDmHNd6hYyOU4TaLjU3iGIyE1HEVZ9YBiownXmRcWye9A6NVprmaS5txg+PEIAHbH6bjymeE0ZSwy4cqKUHSjF5iHDvWnRRLLBED'
        'jHM9xDQMMOB8iOkhJpJ4iKU9vlCZfOGrriXb+RuPaUSzsgwUzubvUZGVND6XH+BYj5UAjVXiwBUopfDf7TSuGKA7TYABQIpLoCxRDUCjrlAx'
        'yMn/oMALtVbY6uQwUH1xNepgqtA1I2EJGY3WttbJH1VQIHo='
    ),
    'rc4_128.pdf': (
        'eNqtUzuLFEEQxsCk/RMNshjp9Ht6YFnwHouicsuumsgFvTPV53jrzDHbK7eHmBmbipGBCv4BI8HYyEDwMPVAMDM1EWvmHjs4hk73NF1fVX3V'
        'VdXdG20ML/MrivS+HX36TDhltJw+IP0+iW4v94BGI7cDcxKtl4siUE6iG3k2p/eoQsMx3SaDAYEiq11Ey3VUldkihYr2pZcMUhFbN2jZyk6Y'
        'dRfcrNwhx/FofY4xibYWYZYXKMeNvCJQ/zwniW5Blru1ch9PyHAIxijHf5tEY5iXiypFrtpnWGI2zYZTfcqNE/MsAhRhTs3xCUaugjrxv+Lr'
        'TvyakUSTxTQ0Yg1itdbcHJpY0TWYPYKQp67FYlosN6HYCfep4rV+HipwD8mlx/HurzcXdw9fXP3wZPL0wsev54fnlj9e//x+sPXl5fuj5bu3'
        'z1/xw2e/a8ITnxPqeEW9imdb8e5SgUWh8iwyFxbTpYKrWFlplMLi5LOATYwmwRWZqzJsCO2zbKqt1j7VUhhtEoiNTphJnTcKlBKJU6lgmYEk'
        'MT4DnxgJyVQzy3wCzEos8h3atxbVynAx9U4pZcCD4zLDKew0c4CrV6BBQaytU9woxlA23nvHOLPt27RfgSeMJoSdfdRoLTX19Azj2LJGU6yw'
        'WHUwzm0Xs7KDSc67mO1iKhZdLGnxhcrlM6iankzyA8A0onFZBiqPL+D1wpdUnOw38F73jZJWasklN9IYg2sjWRxCykYbSyalTHAo3Gs0k9Ki'
        'rTJC6sH/oMAXtVmk1XIvUHv6NubBVaFpRsws6fU2t4bkDzAcJOI='
    ),
    'aes_128.pdf': (
        'eNqtU0+LFEcUPwgeCqIXcwh6qIObW+z631UyDO66O0SM2XEnroKssXr61e6EsXvpqRE3EC8JOZl7yEcI0ZOIX8BcAhHxqh5UBEUh4Acwr3tn'
        'dwYnx3RVF/V+r+r3Xr0/C93lzhf8hCILz188fEw4ZbTMviOtFkm+2dkGmnT9JoxIcrocF5Fykpwd5CN6mSo8uEY3SLtNoMjrK2Lmarcq83Ef'
        'KtoyUmepFSZzNjPOhtRo4TPXFwzACS5cBkFrYNx7C0ZrpnMRQsiU1C5wlrVnLMg550776IflJtn1ktber5FkdRyHgwLltJGnBOo/X0eSc5AP'
        '/FJ5A9/FcAjGKMd/gyRrMCrHVR+56judEmPQbDjVe9w4MTpFhCKOqNn1oOsrqMP1kX09Z79mJElvnMVGrEGM8ZIfQWMr+RKG1yEO+n6Gxcyw'
        'fAXFZtyiRtX6UazAXyO3Tnzy7sDXvx/687cnr2/feX/k8t/Hf/nr1f2jO+7Z58feHj11df3eyQcXf/hw+M35z/5ovbz5461vD/7zc+vp3Utn'
        'Pr3y06+PajsTqonFdGpx6oadcWOdKoxVvUwc4sJiFKjgKlVWGoWazmAYsSKSXvRF7qsc80RbLM+01Tr0tRRGGwdYH46Zvg9GgVLCeYWlkhtw'
        'zoQcgjMSXKaZZcEBsxJjf4G2rEW1MlxkwSulDATwXOY4hc1yD7gGBRoUpNp6xY1iDGWDheYZZ7bOYKdJbC/mk93iOG6tXK+zmCyX/dVtKOpD'
        '52iyuNJbF9OHmr0a6MVrHbpLUAvVvjAN2Y0KAmHUEbb/Uax5qWmg+xjHKmk0xRRL1RzGUzGHCZnOYdLM82FzzWFauXksZVMsVn4whKrJd2/w'
        'PeAzkrWyjFTu1vyZIpRUTPbL2Eoto6SVWnLJjTTG4NpIFoeQstGmkkkpHQ6Fe43HpLR4Vhkhdfv/oMAmXin61c52pHavHUfRV7FJhk1TsrCw'
        'stoh/wJCMFVm'
    ),
    'aes_256.pdf': (
        'eNqtVL+LJEUUDsUWMVDMxALZULt+vqqSYeHudgYPPXbY0QOVDaqrXu2OzHYvPT3H7v0BciDGB8YaaCwGKkYqnAgGlxiJPzIzQTEw8fXs7M7o'
        'GNrV3dR7Ve/7Xn31qnbGe6PnxQu62Pn5l+8eFoJx1lRvFYNBUb56foqsHIcjnBfljWZRd0wU5cvTNGdvMk0TD9hhsbtbYJ36ELkROm6btIjY'
        'sgEqkJKHYD1UMktjgqmykVxW2libEyrHbQbkWnOTQEW0GmTOUvDKh+B3NxjUVnI3QhdmzVFxkSXrsz8oyv1FN5vWZNulvQbQ/7m6oryFaRqu'
        'N2e0Lk5Ncs4EfYdFeYDzZtFGwupjRg1psOwIZi6x6SV16g7rbs7gIoNxaLGX61/8Zou/RyzKyaLqlmbvJI2vhzkuucqXcHYHu2kMGyiwgfIK'
        '1kfdMQPdj8+7FsNJ8eyL99/46elnfoMv3n73w3d+1WfV+z+8lx8Z3ftq9OeTjz3+zeefPPj6j++PH33w8ZeHf33w8KO73+onfvefPnX//Dnz'
        '+mfix55nBbVitGvGdRpuI43bzJBW/W+VkDRAKjAptNVOgdak2XTWUUWUky7UKbSJ9okNALzSWieonNTAbRJWR8DonDY8BsnBgbI2KiG5giij'
        'ROm88SpnYyr0DmVyJlkXQ+WEs4orYbyPVbKSSivQ3rzGBgGFphj0Bh1GDlFTDCQDXFvJNZEIHjB7qasq5ZSji8oJ5XPGAEIYnRENtwiZgoTg'
        'NsYsIcjsheYceF8Bo2VhTLq06l1bdMfDO30VlHtN3D/Fup90i5XXhpPb6kooJS9raNKdjNgFQG+0a2N/SEuwSqTAM0kghFPZ2ygqbpwLXAQn'
        'IEUdeNAAmCvwpIYUtsrKCAckXTC9EATDKUA7l3RC9D5k6zAliAEiF1YkiZaIZFACXcIqe6DDWNlkjdEpOC8IZoztCR2H4LOKlZUCsqPhCN5o'
        'T2QWYqb0/nFwz1rMBWe+4FcPA2OUYZld+QSdjuVIvfZZveUTVm75pLJbPgXbeFpt+yjrbZ/la1/XhukM22WdT6Z3kZZRHjRNx9TFWb9Z54bJ'
        'VX+PrpABaOWUUUIJUABA/6XlqEmllqN9oSrlqWnqG5qmlKO5JLcyu/8HBF1ewzq256cdc5fX0LwLbbfcDCGkKXZ2hvuj4m/hnJhV'
    ),
}
SSH_KEYS = [
    (
        'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC+lY/rHS3kYDWbPa45bBC24+Vz9C1uslD1Y4a+eLbskOwtECPOtO9G79mP8BJ8'
        'noINFUtcI7uycFMfjQK2fIBqfy7CqnlfPaPWl30O0RQoMiM0Dsrn1YE0e/5E6S63fHJMU8lHGh/+K8aIPm/jef0MzT0eWtkbFiHM'
        'a2+HXAFOkw== me@example.org'
    ),
    (
        'ssh-dss AAAAB3NzaC1kc3MAAACBAJAb2yf2Oj5UImcXd7lhrndNWU6tG/sehVPKgkdUzfi7MHiN6EeRXI1NTE1Cr+PP9Ltb0mMv'
        'CJAd+P4XBT4xKZPy1GTCj9KjJ/tmVpLkwR6/gkMH9AQhApmpR+94Gy6RmSHIxQEeV1YUJPVn591oMYY7dXWWcPNLVMaru8AKDxFH'
        'AAAAFQCKTEEBd8/WUSqC0pJ3vG4JG5w5qQAAAIA/gkSK0lHGk5VihgS6x3otWolyI87UGz6h4UwGOdZIRKHPFBam+FGeP7X9PVwb'
        '8zq7WD5RYgouegaDJIYTo2u8IRaJBJ6W2gbtJnQ4L9YqITJ0q3XpR+KB6xdFHj57Cjziojl6v6j6jLg3kMwTfQUQlFpX6/ezkF+0'
        'OIdSqgj2HgAAAIA9pswg0/J3FFkNqGp+kb1wuZsp/CRve2DoofAF1KrM5gY48lwv/U4TYUGHa27g8VV/oqvLdimlLsWI/s+o82hf'
        'gojCQ9XnaLq3TSUwn+T9Hmq4DHPv5sTBUe6XHDIkCfUCtbZEFWpnPESVr9PirIU9pdtEc7uSCHHgJ3YtkQuJZA== me@example.'
        'org'
    ),
    (
        'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGPRVFiMCVfw41h1iOd65JjWWU3z'
        'MQCarL1a8DSMqvCxOVeGvbFTvPqlgC+Y25UMFEvIuSHzf9X5BdN3XlG4lvw= me@example.org'
    ),
    (
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICYUZyhsWfQPiR2/OWjNO5hwrZC9mgAm1XUCXVElH21I me@example.org'
    ),
]
RSA_PRIVATE = (
    '-----BEGIN RSA PRIVATE KEY-----\n'
    'MIICWwIBAAKBgQC+lY/rHS3kYDWbPa45bBC24+Vz9C1uslD1Y4a+eLbskOwtECPO\n'
    'tO9G79mP8BJ8noINFUtcI7uycFMfjQK2fIBqfy7CqnlfPaPWl30O0RQoMiM0Dsrn\n'
    '1YE0e/5E6S63fHJMU8lHGh/+K8aIPm/jef0MzT0eWtkbFiHMa2+HXAFOkwIDAQAB\n'
    'AoGAU1Rzs9pzSWqjpbgHaIYOnNjyZ4u5HbCL429b6AZB/Re0nFN1RJkqEfsnRl8y\n'
    'xhhMRsorxCK/m9qvDZmLOR0gzC5r5auAxWr90aqUEBtxW4NUwQWz3D9755kajrAd\n'
    'qlJW7Kon8V/YbgrUq2G+UvFJ3fRgLss2fc+AoDytWkmc8gECQQDm+Wq2Hp4G2vAP\n'
    'd+Fmzdg5ZVsQclrkDstHWiZVsCFpbBFoGJoeezs1LtcpK1z4vRbsR/nQUcXqKP1c\n'
    'z0kF/MGTAkEA0zvWchFmQqopgUcO/aTC+uj+vCx9ObPi9NDu/04klBJl5pnxdoWT\n'
    'Drm6VbppHay11GU1KdyUV9wv4TNt5nVfAQJAXAxuUKInDEhYf3GhLJ1AXK9d+VH5\n'
    'kwWqUYdF28RTrHXbAgc79IXb9Lf0G34ikSaaahPNJQ5Rt54aStB5I5+1bQJAb18r\n'
    'T/Uwj5GcVJccpktKqnRSavCiDdx0m1PVzzJqQs/4fj9Ieo8u3CK8xhqE9apsLFI4\n'
    'V5v/ctubOwecuFfGAQJAGoAtUvTNvzYibH+mwcV0npOUijyFmGSWWbRR/0TActvc\n'
    'EX6ugKwbWL08IDu7umNp6n5sT7rsa5zJqHkFR3y5lg==\n'
    '-----END RSA PRIVATE KEY-----\n'
)
RSA_PUBLIC = (
    '-----BEGIN PUBLIC KEY-----\n'
    'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC+lY/rHS3kYDWbPa45bBC24+Vz\n'
    '9C1uslD1Y4a+eLbskOwtECPOtO9G79mP8BJ8noINFUtcI7uycFMfjQK2fIBqfy7C\n'
    'qnlfPaPWl30O0RQoMiM0Dsrn1YE0e/5E6S63fHJMU8lHGh/+K8aIPm/jef0MzT0e\n'
    'WtkbFiHMa2+HXAFOkwIDAQAB\n'
    '-----END PUBLIC KEY-----\n'
)
JWK = {
    'kty': 'RSA',
    'n': (
        'vpWP6x0t5GA1mz2uOWwQtuPlc_QtbrJQ9WOGvni27JDsLRAjzrTvRu_Zj_ASfJ6CDRVLXCO7snBTH40CtnyAan8uwqp5Xz2j1pd9'
        'DtEUKDIjNA7K59WBNHv-ROkut3xyTFPJRxof_ivGiD5v43n9DM09HlrZGxYhzGtvh1wBTpM'
    ),
    'e': 'AQAB',
}


def documents():
    """[(file name, content)], bytes as text that `surrogateescape` gives back."""
    return [(name, zlib.decompress(base64.b64decode(text)).decode('utf-8', 'surrogateescape')) for name, text in _PACKED.items()]
