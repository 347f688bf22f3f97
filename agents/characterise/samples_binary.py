"""Samples that cannot be written by hand: small documents, plain and encrypted, and keys made for this purpose alone."""

import base64
import zlib

# one page with the words "Hello alpha"; the encrypted ones open without a password
_PACKED = {
    'plain.pdf': (
        'eNptUU1PwjAYvvdXPBcSPWg/thJNCAcUYqJGArsRD4UVGJkr6YpBf71ttwBhLs2yPX2+3rY3fZ7c8fuUcDCY5Y4MBqDZz16DPimnSrMBnaqN'
        'riE8YYbhkOgqD0TRETQ8+lrkNRZJoH96F3OoHPiFMPlXGN5We2qTQ991XqiROWLBPCAYA2fM+810bQ525YOCfmK8In5wyLZgWD62ct6tRnpV'
        'O71If9PVxm2Rxna1s1p9kVEWzbhAtvaRkAxZjpsXXZYGqtxv1S2yHcZZMGw1rbXsDBbr0flh6eJvADnoSNW62fGu39oVK3VR8Gj1mjD0CTs9'
        '6EuZSKxxxh7R7FRnTD50MM5lBxN+3GssScQZc1YVpbZxjHnxq9H3p25MuMT2KGunrIs9UyZIrzf+mJA/FQiZEw=='
    ),
    'rc4_40.pdf': (
        'eNqtU7uO1DAU7S3xD26mAUFsX8dOxGiKffFatKMZQEJoJZzkZgkaklXGg3ZpKPkBClr4BiRKBBSUSCwSBR2U+wFUC9xkHxMRSuIkso/vPec+'
        '7MF4beOivKTZ4PuPTwdMcsGr5CEbDllwa38XeTB2OzhnwWq1KD2XLLhRZHN+j2synPBtNhoxLLPGRXVcx3WVLVKs+dCASizmCnDUsYWezKrz'
        'blbtsGM93sQxYcHWws+Kkta2XS8J9D/jZMFNzAq3Uu1RhIKGEoJL+rZZMMF5tahT4mp8NirKpp1IHp5y00t5lh5LP+fmOIKxq7FJ/C/9sKff'
        'MLJgukh8u2xAqtaKm2OrFVzF2WP0Reo6LKbDsonljn/AtWz2575G94jd33y/6Q7PPXt38GZ6/fDDhaPnV35+Pl+/uvz1RfX749svr59+e+nv'
        '/jo8aghPfE6o7ZJ6qRd19O40zZxwtVQWlC1XUlsdgdGaalPMPPUwmHpXZq7OqB98mMZKK2Uim7sU0UQGwUIuRRKmNhPaQiRCkKHKLSpEEChl'
        'amJMtVahNS6hGt/mQxWaVBuTRjJGkZFiErtc5qATAJNJZ8PcZFnmAKwm/9Q6B8KZSLnUYSLj7mHaqzFngsdMnD3chCGEPOdnmKSOtTvlErO6'
        'h0kZ9bEIehhI2ceiPqat6mNxh8/Xrphh3bZkWjxBSiOYVJXncHz+rpV5xdXJfI2O9dBoiIBKDNKAMYb+7Sqioah4za4FAQAxDU3zkMwAIrLV'
        'RkE4+h8UdKHWy7Te3/U8Or0ac+9q3zbDCssGg/WtDfYH7BEnTQ=='
    ),
    'rc4_128.pdf': (
        'eNqtU79v1DAUHmDywM7m5aQuENvPcRzpdEN/CQSop2uhAyrSS2KXo0dS5XxVy8CCGFhgR+JPgI0dsSEGBiQ2GOAfYEKMvOTa3okwEieR3+f3'
        'vs/vPbs3XN+8Iq9q1vv+49NnJrngVfaA9fss2jk5dDwa4r6bsmitmpWBSxbdGBdTfpdrchzxPTYYMFcWTYhaCh3WVTHLXc37PtHCZkJk+WDJ'
        'FzoyaxhwUu2zuR5v9jFi0dYsTMYl2UlrLwj0P/fJoluuGONqdUw7FDSUEFzSt8eikZtWszonriZms6Js2onk8Rk3vZRnGVwZptzMdzDE2jWJ'
        '/6Ufd/QbRhZtz7LQmg1I1VrFqWu1omtucuTCOMclFrPEctOV++E+17JZn4ba4UP2Cu89/fDu5caFiyvfLm9devzi6PfuzxX4+vrZmy9Pnu+q'
        'g7cffx3ge7XTEJ7GnFInC+qFnl3Su8MVFYXDubJUltLlSupEWzBaU3HGk0BNjLYDlgXWBTWE92NjPNoEnAPIkzTJC8hSoX2BhbdSo0fQhU8R'
        'rDeu0DJLrXYqNwUqRONjKvJt3ocY8yxXgDkCYup8nmfg0Sgk5lSjspnXLnbaJbFFLY0WgmzjvUchhV0+Tce180zwlInzh5s4hph7fo5Jalm7'
        'Ui6wRHcwKW0Xs9DBQMouZruYTlQXS5f4Qo3jiavbnmyPHzlKIxpVVeAwP4DXS19xdTpfp3PdNxosxCBBGjDG0L+1LA0F0K4mIAAgpaFpHpMb'
        'gCVfbRTEg/9BQTdqo8zrk8PA7dndmAasQ9uMRFjW621sbbI/mVAk8g=='
    ),
    'aes_128.pdf': (
        'eNqtU71rHEcUJyhgGJImTdppDgIh2tl5szOz4VCQrDtsZCFx56gJgrydD+nCaVfszRk54Mq4chVsFzIu/BfY4H/AuFSlImUghUTqdIEUIZld'
        'nXRHLmV2dpf3fvPm9z6ns7vZ/ypdFaRzcXn+M0kpo1XxA+l2SXL/4bGjyS4euAlJblfTMtCUJFsjO6HfURENB3SfrK0RV9rmCF84ultXdmpc'
        'TbusMJIrnWvjOEf0yopcM60yxpSzUnstAbkUnglvwDgEW/DcgjWYQe712oIHWAruNgYcVwfkKkraRD8gyc40jEdl1FWrzwnEf2ZHkm1nR7hR'
        'ncS8WFycMZrGb58kAzepprWJXM2ZfhVr0Aopza654xurUwZXhgmVVxHsYu2acv3Lf7bkv2EkyXBahFZtwFjjDZy41ldyx40fuDAyuMAiF1ju'
        'ufIgHFIpmv1JqB0ekZXP1MWnz29t3Vl59np0+vnHH73d+PWyd/bLN+srv33f+WPzr63T47PfH528+fLF36uvnpp356cfvv7z5Rfvf6oeP54+'
        '+aTxM6OaeVRzj/Mw9EIYe1TEWjW/WUAp17EKlKdCCQ1SxJ3+aBziRCTDgKXF2sY+0W4mpUetwDkAo3JlLBR5HAWL1utUoEcQ1ucI2ktnRVrk'
        'WjhupMU4TNJnsfbf0i5kaArDAQ0CYu68MQV4lBwjcy6Q68ILlznhVKZRpFIwFnXpvUeWMt10sN82dhjsTFqfhsPeg6aLyWZldo5d2Rht02S9'
        'N9zj80Tl9QwMw1GfXhE0Sn2jzEt2UjtPGM0Ju3mozDLIqKc3WBqnpN0p55gSS1iq+BLGQS1hIJf5BCxjmciXMcXmWKhxNHZ12+/h6EcX00gG'
        'VRUoXM383dJXlM/kzXiVulKAhgxSSCVIKeO/1XRcHKDdVcAAII9LRDmLZgA62grJIVv7PyjiJe6Vpn54HKi+vo6TgHVom6GVIp1Ob6dP/gE7'
        'wldC'
    ),
    'aes_256.pdf': (
        'eNqtVL2LJEUUN5QOLtJED6xkM7Wr6tWnDot7tzuc6LHLjp6BnFIfr/bmmO1eenqOuxPRXPAiBQMDwUhEMBBEMPAvMDhRTDU0EjHQyNezHzM4'
        'hnZ1N/VeVf3eq1/9Xm0d7I6fEc+qauuXX79/WAnGWRtvV6NRVb9y7wRZfRCOcF7VV9tF0zNR1S9N85y9zhRNPGQ3q+3tCps8LJFrSw+6Ni8S'
        'dmxUuIwiBxmSEjFI70zyIIqXMfioEtc8pmHQ8hw1RG5j0QKd1YA5KCG31yLARnJXQx9m7VF1miUbsj+s6v1FP5s2ZNulvQJQ/7m7qr6OeRqu'
        'tHdpX5ya5JwJ+m5W9SHO20WXCGtYM26Jg2VHMH2OTS+x0/TY9HNmTjM4CB0OdP0rvt6IPyBW9WQR+6U5OInjK2GOy1j1NZzdwX6awhqKWUN5'
        'GZuj/hYzahif9x2G4+ot/oH/8u33Pn/0tY+7a39+/f4TP7xw/+edp5/79JPvnn/w8J3fHnnym98/eiPCmz+Ov3jqsa8ePP7TZ/lb3ImX/373'
        '0l8f/nF7iHMGdRbRriKu0nBradxgmrgafmcJSW2IBSaFssqBUYo4m856UkQ96UOTQ5fpnNgoJLTF6ViC5yKYYKS23iKUIjVCCCIEKyzkiLwU'
        'a4q1nqYZ4XmEXCyXgE4JX2SRhoucSkRplTcSOEgTE53Nq2zE0TmfjQGneYopcINR8UBRkiWRkSmSIrxQDHCOJMHoaXk2pE8RkgRrRabXGyz0'
        'JzhSbJJCOqDFSQwKGC+FMenzWW9n0d/auzOooN5t0/4JNsOk66ze2ZvcgAuiQJ5raNIfj9kpwGB0K2N/j43AW2O8tiqBCWBiUJqYUCUhEsOo'
        'kqN6ykqq6KxEi0JpYofKSCkXsvEDEQQTtfMO6bGygIqZPuBCeBs0zfNSAPiEmpguGIkhZZPRjtYD1TEdB8EcYHdM5ZCFUkRYSqAkCCOJUBS8'
        'qED+rJxfL9y7HZaKM1/xi4cZrUGzwi58gqpjOdKsfFZt+ISVGz46oA0fmE08BZs+rfymz/KVr+/CdIbdUueT6X2kbdSHbdszOK31F5vSMnnW'
        '36UrZGQUONAgiBYwJFYDS8tRkwDLUUv6JKqpKeprmgbgaK4i5ert/wOCLq+9JnX3Tnrmzq+heR+6fnkYQkhdbW3t7Y+rfwAhX5hX'
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
    ('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICYUZyhsWfQPiR2/OWjNO5hwrZC9mgAm1XUCXVElH21I me@example.org'),
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
    return [
        (name, zlib.decompress(base64.b64decode(text)).decode('utf-8', 'surrogateescape'))
        for name, text in _PACKED.items()
    ]
