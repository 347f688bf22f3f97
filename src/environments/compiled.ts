import type { Rung } from './ladder.ts';
import { pythonVersion, releasedAt } from './version.ts';

/**
 * Distributions that are only taken as wheels: compiled, with wheels for every interpreter of their time, and
 * minutes of compiling that end in an error where compilers and headers are of another time.
 */
export const WHEEL_ONLY: readonly string[] = (
  'apache-beam awkward blis bokeh catboost confluent-kafka cvxopt cvxpy cymem dlib fastparquet fiona ' +
  'gensim geopandas grpcio grpcio-tools h5py hdbscan jaxlib kiwisolver lightgbm llvmlite matplotlib mxnet ' +
  'netcdf4 numba numexpr numpy onnx onnxruntime opencv-contrib-python opencv-python opencv-python-headless ' +
  'pandas preshed pyarrow pyproj pyqt5 pyside2 pystan pywavelets ' +
  'rasterio rtree scikit-image scikit-learn scipy sentencepiece shapely spacy srsly statsmodels tables tensorflow ' +
  'tensorflow-cpu thinc tokenizers torch torchvision xgboost'
).split(' ');

/** Compiled ones that are built from source where no wheel suits. */
const COMPILED = new Set([
  ...WHEEL_ONLY,
  ...(
    'argon2-cffi bcrypt brotli cryptography pycryptodome pycryptodomex pynacl psycopg2-binary cchardet cffi coverage cython frozenlist gevent greenlet hiredis httptools lxml ' +
    'markupsafe msgpack multidict mysqlclient orjson pillow psutil psycopg2 pycurl pymssql pyodbc python-ldap ' +
    'pyyaml pyzmq regex ruamel-yaml-clib simplejson ujson uvloop wrapt yarl zope-interface'
  ).split(' '),
]);

const MONTH = 30 * 24 * 3600 * 1000;

/**
 * The next later date of one package that the date or its building shuts out, from where it is now (undefined:
 * not lifted): a compiled one goes to four, then eighteen months after the interpreter's release, where wheels
 * for that line exist, as far as these are later; any other once, to a year and a half after the date.
 * Undefined where there is nothing later; null is free.
 */
export function nextDate(
  rung: Pick<Rung, 'date' | 'python'>,
  name: string,
  now: string | null | undefined,
): string | null | undefined {
  if (rung.date === null || now === null) return now === undefined ? null : undefined;
  const from = Date.parse(rung.date);
  const line = pythonVersion(rung.python);
  const released = COMPILED.has(name) && line !== null ? releasedAt(line) : null;
  const steps = [
    ...(released === null ? [] : [released + 4 * MONTH, released + 18 * MONTH]),
    from + 18 * MONTH,
  ]
    .filter((step) => step > from)
    .sort((a, b) => a - b);
  const after = now === undefined ? from : Date.parse(now);
  const next = (released === null ? steps.slice(-1) : steps).find((step) => step > after);
  return next === undefined ? undefined : new Date(next).toISOString();
}
