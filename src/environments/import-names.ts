/** Well-known import names whose distribution has another name, the most special first where names nest. */
const OTHER_NAME: Readonly<Record<string, string>> = {
  Crypto: 'pycryptodome',
  Cryptodome: 'pycryptodomex',
  OpenSSL: 'pyopenssl',
  PIL: 'pillow',
  attr: 'attrs',
  bs4: 'beautifulsoup4',
  cv2: 'opencv-python-headless',
  dateutil: 'python-dateutil',
  django_filters: 'django-filter',
  dns: 'dnspython',
  docx: 'python-docx',
  dotenv: 'python-dotenv',
  fake_useragent: 'fake-useragent',
  flask_cors: 'flask-cors',
  flask_login: 'flask-login',
  flask_migrate: 'flask-migrate',
  flask_sqlalchemy: 'flask-sqlalchemy',
  flask_testing: 'flask-testing',
  flask_wtf: 'flask-wtf',
  git: 'gitpython',
  'google.auth': 'google-auth',
  'google.cloud.bigquery': 'google-cloud-bigquery',
  'google.cloud.datastore': 'google-cloud-datastore',
  'google.cloud.logging': 'google-cloud-logging',
  'google.cloud.pubsub': 'google-cloud-pubsub',
  'google.cloud.storage': 'google-cloud-storage',
  'google.protobuf': 'protobuf',
  googleapiclient: 'google-api-python-client',
  jose: 'python-jose',
  jwt: 'pyjwt',
  kafka: 'kafka-python',
  ldap: 'python-ldap',
  lxml: 'lxml',
  magic: 'python-magic',
  markdown: 'markdown',
  mpl_toolkits: 'matplotlib',
  MySQLdb: 'mysqlclient',
  nacl: 'pynacl',
  openid: 'python3-openid',
  past: 'future',
  pkg_resources: 'setuptools',
  pptx: 'python-pptx',
  psycopg2: 'psycopg2-binary',
  pyasn1_modules: 'pyasn1-modules',
  pytest_django: 'pytest-django',
  pytz: 'pytz',
  redis_lock: 'python-redis-lock',
  rest_framework: 'djangorestframework',
  rest_framework_jwt: 'djangorestframework-jwt',
  'ruamel.yaml': 'ruamel-yaml',
  serial: 'pyserial',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  slugify: 'python-slugify',
  socks: 'pysocks',
  telegram: 'python-telegram-bot',
  usb: 'pyusb',
  websocket: 'websocket-client',
  xdist: 'pytest-xdist',
  yaml: 'pyyaml',
  zmq: 'pyzmq',
};

/** Import names that are the distribution's own (`-` and `_` aside), each well known under it for years. */
const SAME_NAME = new Set(
  (
    'aiofiles aiohttp aioresponses alembic amqp anyio appdirs arrow asgiref asynctest babel backoff bcrypt blessings ' +
    'bleach boto boto3 botocore bottle cachetools celery certifi cffi chardet cherrypy click cloudpickle colorama ' +
    'colorlog coverage croniter cryptography cssselect cycler cython dask ddt decorator defusedxml deprecated dill ' +
    'distro django docker docopt docutils ecdsa elasticsearch eventlet execnet expects faker falcon fakeredis fastapi ' +
    'feedparser filelock flake8 flask flaky freezegun frozendict fs future gevent graphene graphviz greenlet gunicorn ' +
    'h5py haversine hiredis html5lib httplib2 httpretty httpx humanize hypothesis idna imageio inflection influxdb ipython ' +
    'isodate itsdangerous jinja2 jmespath joblib jsonpatch jsonpath_rw jsonpickle jsonpointer jsonschema keyring kombu ' +
    'locket logbook loguru lockfile lz4 mako markupsafe marshmallow matplotlib matrix_client mistune mock mongoengine mongomock ' +
    'monotonic more_itertools moto mox3 msgpack multidict mypy_extensions natsort netaddr netifaces networkx nltk nose ' +
    'nose2 numba numexpr numpy oauth2client oauthlib objgraph openpyxl packaging paho_mqtt pandas paramiko parameterized ' +
    'paste passlib patsy pbr peewee pendulum pep8 pexpect phonenumbers pika pluggy ply polib portend pretend ' +
    'prettytable prometheus_client prompt_toolkit psutil ptyprocess py pyaml pyasn1 pycodestyle pycountry pycparser ' +
    'pycurl pydantic pydot pyfakefs pyflakes pygments pyhamcrest pyinotify pymongo pymysql pynput pyparsing pyperclip ' +
    'pyramid pystache pytest_mock pytz_deprecation_shim pyxdg qrcode raven recommonmark redis regex requests ' +
    'requests_cache requests_mock requests_oauthlib requests_toolbelt responses retrying rich rq rsa s3transfer ' +
    'schema scipy scrapy semantic_version semver sentry_sdk sh shapely sherlock simplejson six sniffio sortedcontainers ' +
    'sphinx sqlalchemy sqlalchemy_utils sqlparse starlette statsd structlog sure sympy tabulate tenacity termcolor ' +
    'testfixtures testtools texttable toml tomli tomlkit toolz tornado tox tqdm traitlets treq tweepy twisted txaio ' +
    'typer typing_extensions tzlocal ujson unidecode unittest2 uritemplate urllib3 urwid vcrpy voluptuous watchdog ' +
    'webob webtest werkzeug whitenoise wrapt wsgi_intercept wtforms xlrd xlsxwriter xlwt xmltodict yapf yarl zeep'
  ).split(' '),
);

/** Other spellings of import names whose distribution is named in the list above. */
const SPELLED: Readonly<Record<string, string>> = {
  IPython: 'ipython',
  OpenIDConnect: 'oic',
  hamcrest: 'pyhamcrest',
  jsonrpclib: 'jsonrpclib-pelix',
  'paho.mqtt': 'paho-mqtt',
  vcr: 'vcrpy',
  xdg: 'pyxdg',
};

/** Fixtures that only one plug-in is known to bring. */
const PLUGIN_OF_FIXTURE: Readonly<Record<string, string>> = {
  aiohttp_client: 'pytest-aiohttp',
  aiohttp_server: 'pytest-aiohttp',
  async_client: 'pytest-django',
  benchmark: 'pytest-benchmark',
  betamax_session: 'betamax',
  caplog: 'pytest-catchlog',
  cli_runner: 'pytest-click',
  data_regression: 'pytest-regressions',
  datadir: 'pytest-datadir',
  django_assert_num_queries: 'pytest-django',
  django_db_blocker: 'pytest-django',
  django_user_model: 'pytest-django',
  event_loop: 'pytest-asyncio',
  fake_process: 'pytest-subprocess',
  faker: 'faker',
  file_regression: 'pytest-regressions',
  freezer: 'pytest-freezegun',
  fs: 'pyfakefs',
  httpbin: 'pytest-httpbin',
  httpbin_secure: 'pytest-httpbin',
  httpx_mock: 'pytest-httpx',
  mocker: 'pytest-mock',
  qtbot: 'pytest-qt',
  requests_mock: 'requests-mock',
  rf: 'pytest-django',
  script_runner: 'pytest-console-scripts',
  shared_datadir: 'pytest-datadir',
  smtpserver: 'pytest-localserver',
  subtests: 'pytest-subtests',
  test_client: 'pytest-aiohttp',
  transactional_db: 'pytest-django',
  unused_tcp_port: 'pytest-asyncio',
  vcr: 'pytest-vcr',
};

/** The distribution that is known to bring a module; null where none is: a name alone is never installed. */
export function distributionOfModule(module: string): string | null {
  const parts = module.split('.');
  for (let count = parts.length; count > 0; count--) {
    const name = parts.slice(0, count).join('.');
    const found = OTHER_NAME[name] ?? SPELLED[name];
    if (found !== undefined) return found;
  }
  const [top = ''] = parts;
  return SAME_NAME.has(top) ? top.replaceAll('_', '-') : null;
}

/** The pytest plug-in that is known to bring a fixture; null where none is. */
export function pluginOfFixture(fixture: string): string | null {
  return PLUGIN_OF_FIXTURE[fixture] ?? null;
}
