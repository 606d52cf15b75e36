"""Values of every kind that the comparison knows, each with others that differ from it in one part.

By the name of a kind: code that makes the value, and code that makes the others. `v` stands for a new value of the
first code; what a statement changes in it is the part.
"""

from __future__ import annotations

import ast

SET_UP = """
import collections, datetime, decimal, enum, fractions, functools, io, logging, pathlib, random, re, sys, uuid, zoneinfo
class Colour(enum.Enum):
    red = 1
    blue = 2
class Scale:
    factor = 2
    def __init__(self, size=1): self.size = size
    def of(self, value): return value * self.factor
    @staticmethod
    def half(value, by=2): return value / by
    @property
    def double(self): return self.size * 2
class Slotted:
    __slots__ = ('a', 'b')
    def __init__(self): self.a, self.b = 1, 2
def adder(amount):
    def add(value, extra=0): return value + amount
    return add
def weigh(letter, extra=3, *, factor=1): return (letter, extra, factor)
@functools.lru_cache(maxsize=8)
def cached(n): return n
class Own(BASE): pass
def own(value, **attributes):
    vars(value).update(attributes)
    return value
"""

KINDS: dict[str, tuple[str, list[str]]] = {
    # Plain values
    "builtins.bool": ("True", ["False", "1"]),
    "builtins.int": ("7", ["8", "7.0", "True"]),
    "builtins.float": ("0.1", ["0.1 + 2**-55", "float('nan')"]),
    "builtins.complex": ("1 + 2j", ["1 + 3j", "2 + 2j"]),
    "builtins.str": ("'text'", ["'texT'", "b'text'"]),
    "builtins.bytes": ("b'text'", ["b'texT'"]),
    "builtins.NoneType": ("None", ["False"]),
    "builtins.ellipsis": ("...", ["None"]),
    "builtins.NotImplementedType": ("NotImplemented", ["None"]),
    "builtins.range": ("range(1, 9, 2)", ["range(9)", "range(1, 9, 3)"]),
    "builtins.slice": ("slice(1, 2, 3)", ["slice(1, 2)"]),
    "datetime.date": ("datetime.date(2024, 1, 2)", ["datetime.date(2024, 1, 3)"]),
    "datetime.datetime": (
        "datetime.datetime(2024, 1, 2, 3)",
        ["datetime.datetime(2024, 1, 2, 4)", "datetime.datetime(2024, 1, 2, 3, tzinfo=datetime.timezone.utc)"],
    ),
    "datetime.time": ("datetime.time(3, 4)", ["datetime.time(3, 5)"]),
    "datetime.timedelta": ("datetime.timedelta(3)", ["datetime.timedelta(4)"]),
    "datetime.timezone": ("datetime.timezone.utc", ["datetime.timezone(datetime.timedelta(hours=1))"]),
    "decimal.Decimal": ("decimal.Decimal('1.0')", ["decimal.Decimal('1.00')"]),
    "fractions.Fraction": ("fractions.Fraction(1, 3)", ["fractions.Fraction(2, 3)"]),
    "uuid.UUID": ("uuid.UUID(int=1)", ["uuid.UUID(int=2)"]),
    "zoneinfo.ZoneInfo": ("zoneinfo.ZoneInfo('UTC')", ["zoneinfo.ZoneInfo('Europe/Vienna')"]),
    "re.Pattern": ("re.compile('a')", ["re.compile('b')", "re.compile('a', re.I)"]),
    "pandas.NA": ("__import__('pandas').NA", ["None"]),
    "pandas.api.typing.NaTType": ("__import__('pandas').NaT", ["None"]),
    "pandas.Timestamp": (
        "__import__('pandas').Timestamp('2024')",
        ["__import__('pandas').Timestamp('2025')", "__import__('pandas').Timestamp('2024', tz='UTC')"],
    ),
    "pandas.Timedelta": ("__import__('pandas').Timedelta('1D')", ["__import__('pandas').Timedelta('2D')"]),
    "pandas.Period": ("__import__('pandas').Period('2024', 'Y')", ["__import__('pandas').Period('2024', 'M')"]),
    "pandas.Interval": (
        "__import__('pandas').Interval(0, 1)",
        ["__import__('pandas').Interval(0, 2)", "__import__('pandas').Interval(0, 1, 'left')"],
    ),
    "numpy.dtype": ("__import__('numpy').dtype('i4')", ["__import__('numpy').dtype('i8')"]),
    # Containers
    "builtins.list": ("[1, [2]]", ["[1, [3]]", "[1]", "(1, [2])"]),
    "builtins.tuple": ("(1, [2])", ["(1, [3])"]),
    "collections.deque": ("collections.deque([1], maxlen=3)", ["v.append(2)", "collections.deque([1], maxlen=4)"]),
    "builtins.dict": ("{'a': 1, 'b': 2}", ["v['a'] = 2", "{'b': 2, 'a': 1}", "v[1] = 2"]),
    "collections.defaultdict": (
        "collections.defaultdict(list, a=[1])",
        ["v['b']", "v['a'].append(2)", "collections.defaultdict(tuple, a=[1])", "v.default_factory = None"],
    ),
    "builtins.set": ("{1, 2}", ["v.add(3)", "{1, 2.5}"]),
    "builtins.frozenset": ("frozenset({1, 2})", ["frozenset({1, 3})"]),
    "builtins.bytearray": ("bytearray(b'ab')", ["v.append(1)"]),
    "builtins.dict_keys": ("{'a': 1}.keys()", ["{'b': 1}.keys()"]),
    "builtins.dict_values": ("{'a': 1}.values()", ["{'a': 2}.values()"]),
    "builtins.dict_items": ("{'a': 1}.items()", ["{'a': 2}.items()"]),
    "_io.StringIO": ("io.StringIO('text')", ["v.read(1)", "v.write('x'); v.seek(0)", "v.close()"]),
    "_io.BytesIO": ("io.BytesIO(b'text')", ["v.read(1)", "v.write(b'x'); v.seek(0)", "v.close()"]),
    "_io._IOBase": (
        "f = open('/dev/null'); f.close(); v = f",
        ["f = open('/dev/zero'); f.close(); v = f", "f = open('/dev/null', 'rb'); f.close(); v = f"],
    ),
    "_thread.lock": ("__import__('threading').Lock()", ["v.acquire()", "__import__('threading').RLock()"]),
    "_thread.RLock": ("__import__('threading').RLock()", ["v.acquire()"]),
    "logging.Logger": (
        "v = logging.Logger('shop'); v.addHandler(logging.StreamHandler(sys.stderr))",
        [
            "v.setLevel(10)",
            "v.propagate = False",
            "v.disabled = True",
            "v.addFilter(len)",
            "v.addHandler(logging.StreamHandler(sys.stdout))",
            "logging.Logger('stock')",
        ],
    ),
    "zipfile.ZipFile": (
        "z = __import__('zipfile'); b = io.BytesIO(); w = z.ZipFile(b, 'w'); w.writestr(z.ZipInfo('a'), 'text'); "
        "w.close(); v = z.ZipFile(b)",
        ["v.comment = b'c'", "v.close()", "v.infolist()[0].CRC = 1"],
    ),
    "zipfile.ZipInfo": (
        "z = __import__('zipfile'); v = z.ZipInfo('a'); v.CRC = 1; v.file_size = 2",
        [
            "v.CRC = 3",
            "v.file_size = 3",
            "v.filename = 'b'",
            "v.compress_type = 8",
            "v.date_time = (1990, 1, 2, 3, 4, 6)",
            "v.comment = b'c'",
        ],
    ),
    "standard stream": ("sys.stdout", ["sys.stderr", "sys.__stdout__", "io.StringIO()"]),
    "builtins.BaseException": (
        "ValueError('a', 1)",
        ["ValueError('a', 2)", "KeyError('a', 1)", "v.more = 1", "v.__cause__ = KeyError('b')"],
    ),
    "OSError": ("OSError(2, 'no', 'a.txt')", ["OSError(2, 'no', 'b.txt')"]),
    "pathlib.PurePath": ("pathlib.Path('a/b')", ["pathlib.Path('a/c')", "pathlib.PurePath('a/b')"]),
    "random.Random": ("random.Random(1)", ["v.random()", "random.Random(2)"]),
    # Classes that extend these
    "own list": ("BASE=list: own(Own([1]), name='a')", ["v.append(2)", "v.name = 'b'"]),
    "own dict": ("BASE=dict: own(Own(a=1), name='a')", ["v['a'] = 2", "v.name = 'b'"]),
    "own tuple": ("BASE=tuple: own(Own([1]), name='a')", ["v.name = 'b'"]),
    "own deque": ("BASE=collections.deque: own(Own([1], 3), name='a')", ["v.append(2)", "v.name = 'b'"]),
    "own defaultdict": ("BASE=collections.defaultdict: own(Own(list), name='a')", ["v[1]", "v.name = 'b'"]),
    "own str": ("BASE=str: own(Own('a'), name='a')", ["own(Own('b'), name='a')", "v.name = 'b'"]),
    "own int": ("BASE=int: own(Own(1), name='a')", ["own(Own(2), name='a')", "v.name = 'b'"]),
    "own float": ("BASE=float: own(Own(1), name='a')", ["own(Own(2), name='a')", "v.name = 'b'"]),
    "own date": ("BASE=datetime.date: own(Own(2024, 1, 2), n=1)", ["own(Own(2024, 1, 3), n=1)", "v.n = 2"]),
    "own exception": ("BASE=Exception: own(Own(1), code=1)", ["own(Own(2), code=1)", "v.code = 2"]),
    "own random": ("BASE=random.Random: own(Own(1), code=1)", ["v.random()", "v.code = 2"]),
    "own bytearray": ("BASE=bytearray: own(Own(b'a'), code=1)", ["v.append(1)", "v.code = 2"]),
    "own array": (
        "BASE=__import__('numpy').ndarray: own(__import__('numpy').zeros(2).view(Own), unit='m')",
        ["v[0] = 1", "v.unit = 's'"],
    ),
    # Code
    "builtins.function": (
        "weigh",
        [
            "v.__defaults__ = (4,)",
            "v.__kwdefaults__ = {'factor': 2}",
            "v.calls = 1",
            "def weigh(letter): pass\nv = weigh",
        ],
    ),
    "closure": ("adder(1)", ["adder(2)", "v.__defaults__ = (1,)"]),
    "builtins.builtin_function_or_method": ("[1].append", ["[2].append", "[1].extend", "len"]),
    "builtins.module": ("io", ["re"]),
    "builtins.type": (
        "Scale",
        [
            "v.factor = 3",
            "v.more = 1",
            "v.half = staticmethod(weigh)",
            "v.__init__.__defaults__ = (2,)",
            "v.double = property(weigh)",
            "Slotted",
        ],
    ),
    "builtins.property": ("Scale.double", ["property(weigh)"]),
    "builtins.method": ("Scale(1).of", ["Scale(2).of", "Scale.factor = 3\nv = Scale(1).of"]),
    "builtins.method_descriptor": ("str.upper", ["str.lower"]),
    "builtins.wrapper_descriptor": ("int.__add__", ["int.__sub__"]),
    "functools.partial": (
        "functools.partial(weigh, 1, factor=2)",
        [
            "functools.partial(weigh, 2, factor=2)",
            "functools.partial(weigh, 1, factor=3)",
            "functools.partial(adder, 1, factor=2)",
            "functools.partial(weigh, 1)",
            "weigh",
        ],
    ),
    "functools._lru_cache_wrapper": ("cached(1); v = cached", ["cached(1); cached(2); v = cached"]),
    "numpy.ufunc": ("__import__('numpy').add", ["__import__('numpy').subtract"]),
    # Objects
    "enumeration": ("Colour.red", ["Colour.blue", "Colour.red._value_ = 3\nv = Colour.red"]),
    "own object": ("Scale(1)", ["v.size = 2", "v.more = 1", "type(v).factor = 3"]),
    "own object with slots": ("Slotted()", ["v.a = 2", "del v.b"]),
    "library object": ("collections.UserList([1])", ["v.append(2)"]),
    "estimator": (
        "__import__('sklearn.linear_model').linear_model.LogisticRegression().fit([[0], [1]], [0, 1])",
        ["v.coef_[0] = 0", "v.C = 2", "v.more = 1"],
    ),
    # numpy
    "numpy.ndarray": (
        "__import__('numpy').zeros((2, 2))",
        ["v[1, 1] = 1", "v = v.astype('f4')", "v = v.reshape(4)", "v = __import__('numpy').asmatrix(v)"],
    ),
    "masked array": (
        "__import__('numpy').ma.array([1, 2], mask=[0, 1])",
        ["v.mask[0] = 1", "v[0] = 3", "v.fill_value = 5"],
    ),
    "structured array": ("__import__('numpy').zeros(2, 'i4,f8')", ["v['f0'] = 1", "v.dtype.names = ('a', 'b')"]),
    "array of objects": ("__import__('numpy').array([[1], None], object)", ["v[0].append(2)"]),
    "numpy.generic": (
        "__import__('numpy').float32(1)",
        ["__import__('numpy').float32(2)", "__import__('numpy').float64(1)"],
    ),
    "numpy.random._generator.Generator": ("__import__('numpy').random.default_rng(1)", ["v.random()"]),
    "numpy.random.mtrand.RandomState": ("__import__('numpy').random.RandomState(1)", ["v.rand()"]),
    "numpy.random.bit_generator.BitGenerator": ("__import__('numpy').random.PCG64(1)", ["v.random_raw()"]),
    # pandas
    "pandas.DataFrame": (
        "__import__('pandas').DataFrame({'a': [1, 2], 'b': ['x', None]})",
        [
            "v.loc[0, 'a'] = 3",
            "v.attrs['unit'] = 'm'",
            "v.flags.allows_duplicate_labels = False",
            "v.index.name = 'n'",
            "v.columns = ['a', 'c']",
            "v['a'] = v['a'].astype('f8')",
        ],
    ),
    "pandas.Series": (
        "__import__('pandas').Series([1, 2], name='a')",
        ["v[0] = 3", "v.attrs['unit'] = 'm'", "v.name = 'b'", "v.index = [1, 2]", "v = v.astype('f8')"],
    ),
    "pandas.Index": ("__import__('pandas').Index([1, 2], name='a')", ["v.name = 'b'", "v = v.append(v)"]),
    "pandas.RangeIndex": ("__import__('pandas').RangeIndex(3)", ["__import__('pandas').RangeIndex(4)", "v.name = 'b'"]),
    "pandas.MultiIndex": (
        "__import__('pandas').MultiIndex.from_tuples([(1, 2), (1, 3)])",
        ["v.names = ['a', 'b']", "__import__('pandas').MultiIndex.from_tuples([(1, 2), (2, 3)])"],
    ),
    "pandas.DatetimeIndex": (
        "__import__('pandas').date_range('2024', periods=3)",
        ["v.freq = None", "v = v.tz_localize('UTC')", "v = v + v.freq"],
    ),
    "pandas.api.extensions.ExtensionArray": (
        "__import__('pandas').array([1, None], dtype='Int64')",
        ["v[0] = 2", "v = v.astype('Int32')"],
    ),
    "categories": (
        "__import__('pandas').Categorical(['a', 'b'])",
        ["v = v.as_ordered()", "v = v.add_categories('c')", "v[0] = 'b'"],
    ),
    # Other libraries
    "scipy.sparse._base._spbase": (
        "__import__('scipy.sparse').sparse.csr_array([[0, 1], [2, 0]])",
        ["v.data[0] = 5", "v = v.tocoo()", "v.indices[0] = 0", "v = v.astype('f4')"],
    ),
    "sparse array by keys": ("__import__('scipy.sparse').sparse.dok_array((2, 2))", ["v[0, 1] = 3"]),
    "sparse array by lists": ("__import__('scipy.sparse').sparse.lil_array((2, 2))", ["v[0, 1] = 3"]),
    "sparse array by diagonals": (
        "__import__('scipy.sparse').sparse.dia_array([[1, 0], [0, 2]])",
        ["v.data[0, 0] = 3"],
    ),
    "sparse array by coordinates": ("__import__('scipy.sparse').sparse.coo_array([[1, 0], [0, 2]])", ["v.data[0] = 3"]),
    "PIL.Image.Image": (
        "__import__('PIL.Image').Image.new('P', (2, 2))",
        ["v.putpixel((0, 0), 1)", "v.putpalette([1, 2, 3])", "v.info['dpi'] = 3", "v = v.convert('L')"],
    ),
    "plotly.basedatatypes.BaseFigure": (
        "__import__('plotly.graph_objects').graph_objects.Figure({'data': [{'y': [1]}]})",
        ["v.data[0].y = [2]", "v.layout.title = 'a'"],
    ),
    "altair.TopLevelMixin": (
        "a = __import__('altair'); v = a.Chart('u.csv').mark_bar().encode(x='a:Q')",
        ["v = v.mark_point()", "v = v.properties(title='t')"],
    ),
    "torch.Tensor": (
        "__import__('torch').ones(2, requires_grad=True)",
        ["v.data[0] = 2", "v.requires_grad = False", "v.sum().backward()", "v = v.double()"],
    ),
    "torch.nn.modules.module.Module": (
        "n = __import__('torch').nn; v = n.Sequential(n.Linear(1, 1), n.Dropout(0.5))\n"
        "for p in v.parameters(): p.data.zero_()",
        [
            "v[0].weight.data += 1",
            "v[1].p = 0.1",
            "v.eval()",
            "v[0].weight.requires_grad = False",
            "v[0].more = 3",
            "v[0].register_buffer('b', __import__('torch').ones(1), persistent=False)",
        ],
    ),
    "torch.optim.optimizer.Optimizer": (
        "t = __import__('torch'); v = t.optim.SGD([t.ones(1, requires_grad=True)], lr=0.1)",
        ["v.param_groups[0]['lr'] = 0.2"],
    ),
    "keras.layers.Layer": (
        "k = __import__('keras'); k.utils.clear_session(); d = k.layers.Dense(1, kernel_initializer='ones', name='d'); "
        "v = k.Sequential([k.Input((1,)), d], name='m'); v.compile('sgd', 'mse')",
        [
            "v.layers[0].set_weights([w + 1 for w in v.layers[0].get_weights()])",
            "v.layers[0].activation = k.activations.relu",
            "v.trainable = False",
            "v.compile('adam', 'mse')",
        ],
    ),
    "polars.DataFrame": (
        "p = __import__('polars'); v = p.DataFrame({'a': [1, 2]})",
        ["v = v.with_columns(b=1)", "v = v.cast(p.Int32)", "v = v.head(1)"],
    ),
    "pyarrow.lib.Table": (
        "p = __import__('pyarrow'); v = p.table({'a': [1, 2]})",
        ["v = v.slice(1)", "v = v.cast(p.schema([('a', p.int32())]))", "v = v.replace_schema_metadata({'b': 'c'})"],
    ),
    "xgboost.core.Booster": (
        "x = __import__('xgboost'); d = x.DMatrix([[0], [1]], label=[0, 1]); v = x.train({'seed': 1}, d, 2)",
        ["v.set_attr(note='a')", "v = x.train({'seed': 1}, d, 3)"],
    ),
    "lightgbm.basic.Booster": (
        "l = __import__('lightgbm'); n = __import__('numpy').arange(99.); o = {'verbose': -1, 'deterministic': True}; "
        "v = l.train(o, l.Dataset(n.reshape(-1, 1), n), 2)",
        ["v.best_iteration = 1", "v = l.train(o, l.Dataset(n.reshape(-1, 1), n), 3)"],
    ),
    "xgboost.core.DMatrix": (
        "x = __import__('xgboost'); v = x.DMatrix([[0], [1]], label=[0, 1])",
        ["v.set_label([1, 1])", "v.set_weight([1, 2])", "v.feature_names = ['a']"],
    ),
    "catboost.core.CatBoost": (
        "c = __import__('catboost').CatBoost; o = {'verbose': 0, 'allow_writing_files': False}; "
        "v = c({**o, 'iterations': 2}).fit([[0], [1]], [0, 1])",
        [
            "v = c({**o, 'iterations': 3}).fit([[0], [1]], [0, 1])",
            "v.set_feature_names(['a'])",
        ],
    ),
}

# Kinds that are the same as another one, under the name that another version of the library gives it.
SAME = {
    "pandas._libs.missing.NAType": "pandas.NA",
    "pandas.api.typing.NAType": "pandas.NA",
    "pandas._libs.tslibs.nattype.NaTType": "pandas.api.typing.NaTType",
    "pandas._libs.tslibs.timestamps.Timestamp": "pandas.Timestamp",
    "pandas._libs.tslibs.timedeltas.Timedelta": "pandas.Timedelta",
    "pandas._libs.tslibs.period.Period": "pandas.Period",
    "pandas._libs.interval.Interval": "pandas.Interval",
    "pathlib._local.PurePath": "pathlib.PurePath",
    "pandas.core.frame.DataFrame": "pandas.DataFrame",
    "pandas.core.series.Series": "pandas.Series",
    "pandas.core.indexes.base.Index": "pandas.Index",
    "pandas.core.arrays.base.ExtensionArray": "pandas.api.extensions.ExtensionArray",
    "scipy.sparse._base.spmatrix": "scipy.sparse._base._spbase",
    "scipy.sparse.base.spmatrix": "scipy.sparse._base._spbase",
    "torch._tensor.Tensor": "torch.Tensor",
    "keras.src.layers.layer.Layer": "keras.layers.Layer",
    "keras.engine.base_layer.Layer": "keras.layers.Layer",
    "keras.src.engine.base_layer.Layer": "keras.layers.Layer",
    "polars.dataframe.frame.DataFrame": "polars.DataFrame",
    "altair.vegalite.v5.api.TopLevelMixin": "altair.TopLevelMixin",
    "altair.vegalite.v6.api.TopLevelMixin": "altair.TopLevelMixin",
}


def made(first: str, change: str = "") -> object:
    """A value; with a change, another one.

    Raises:
        ImportError: the library is not there.
    """
    base, code = first.removeprefix("BASE=").split(": ", 1) if first.startswith("BASE=") else ("object", first)
    names: dict[str, object] = {"__name__": "__main__"}
    exec(SET_UP.replace("BASE", base), names)
    for text in filter(None, (code, change)):
        body = ast.parse(text).body
        changes = any(isinstance(part, ast.Name) and part.id == "v" for node in body for part in ast.walk(node))
        exec(text if changes else f"v = ({text})", names)
    return names["v"]
