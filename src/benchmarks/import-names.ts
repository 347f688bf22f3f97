/**
 * Import names of distributions whose import name is not their own. A hint: what is installed decides.
 * Keys are normalised (lower case, `-` for runs of `-_.`).
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  attrs: ['attr', 'attrs'],
  beautifulsoup: ['BeautifulSoup'],
  beautifulsoup4: ['bs4'],
  cheetah3: ['Cheetah'],
  dataproperty: ['dataproperty'],
  'django-rest-swagger': ['rest_framework_swagger'],
  'edx-sphinx-theme': ['edx_theme'],
  fabric3: ['fabric'],
  fonttools: ['fontTools'],
  'gcloud-aio-core': ['gcloud.aio'],
  'google-cloud-storage': ['google.cloud.storage'],
  'kafka-python': ['kafka'],
  m2crypto: ['M2Crypto'],
  migrate: ['migrate'],
  'mysql-python': ['MySQLdb'],
  'napalm-base': ['napalm_base'],
  'node-semver': ['semver'],
  'opencv-python': ['cv2'],
  pil: ['PIL', 'Image'],
  pillow: ['PIL'],
  'py-bcrypt': ['bcrypt'],
  'py2-ipaddress': ['ipaddress'],
  pyandoc: ['pandoc'],
  pycrypto: ['Crypto'],
  pycryptodome: ['Crypto'],
  pycryptodomex: ['Cryptodome'],
  pyjwt: ['jwt'],
  pymysql: ['pymysql'],
  pynacl: ['nacl'],
  pyopenssl: ['OpenSSL'],
  pypdf2: ['PyPDF2'],
  pypdf3: ['PyPDF3'],
  pyqt5: ['PyQt5'],
  pyqt6: ['PyQt6'],
  pyserial: ['serial'],
  pyside2: ['PySide2'],
  pyside6: ['PySide6'],
  'python-dateutil': ['dateutil'],
  'python-jose': ['jose'],
  'python-ldap': ['ldap'],
  'python-memcached': ['memcache'],
  'python3-memcached': ['memcache'],
  pyuserinput: ['pymouse', 'pykeyboard'],
  pyyaml: ['yaml'],
  'requests-oauth2': ['oauth2'],
  'rpi-gpio': ['RPi.GPIO'],
  'ruamel-yaml': ['ruamel.yaml'],
  'scikit-learn': ['sklearn'],
  setuptools: ['setuptools', 'pkg_resources'],
  slackclient: ['slack', 'slackclient'],
  'smbus-cffi': ['smbus'],
  'suds-py3': ['suds'],
  'suds-jurko': ['suds'],
  'u-msgpack-python': ['umsgpack'],
  ufolib: ['ufoLib'],
  xlsxwriter: ['xlsxwriter'],
};

/** Folders that several distributions share: their import names go two levels deep. */
const NAMESPACES = new Set(['azure', 'google', 'oslo', 'ruamel']);

const squash = (name: string): string => name.toLowerCase().replace(/[-_.]/g, '');
const normalise = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/**
 * The names by which a library is imported. `importedApis` are the API names in the labels' import changes of
 * that side: they hold the library's own names, now and then a neighbour's or a misspelling, so a name counts
 * when it resembles the library's, or lies in a shared folder of that name. Never empty.
 */
export function importNamesOf(library: string, importedApis: readonly string[]): readonly string[] {
  const known = ALIASES[normalise(library)];
  const seen = [...new Set(importedApis.map(importRoot))];
  if (known !== undefined) {
    const confirmed = known.filter((name) => seen.includes(name));
    return confirmed.length > 0 ? confirmed : known;
  }
  const wanted = spellings(library).map(squash);
  for (const spelling of wanted) {
    const alike = seen.filter((name) => squash(name) === spelling);
    if (alike.length > 0) return alike;
  }
  if (NAMESPACES.has(library.toLowerCase())) {
    const below = seen.filter((name) => name.startsWith(`${library.toLowerCase()}.`));
    if (below.length > 0) return below;
  }
  return [fromName(library)];
}

function importRoot(api: string): string {
  const [first = '', second] = api.split('.');
  return NAMESPACES.has(first) && second !== undefined ? `${first}.${second}` : first;
}

/** The name itself, then without the usual ornaments of distribution names. */
function spellings(library: string): string[] {
  const bare = library.replace(/^(python3?|py|node)-?/i, '').replace(/-?(python|py3?|client|\d)$/i, '');
  return bare.length >= 3 && bare !== library ? [library, bare] : [library];
}

/** A dotted name is one of a module (`xml.dom.minidom`) and stays as it is. */
function fromName(library: string): string {
  return library.replace(/-/g, '_');
}
