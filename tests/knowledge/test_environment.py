"""Environment variables that libraries read when they are imported: set behind the import, they do nothing."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from nbmde.engine import m2m

m2m.find("notebook2workflow")
heads = sys.modules["nbmde_transformations.notebook2workflow.heads"]

READERS = {  # as the documentation of the libraries has them
    "AUTOGRAPH_VERBOSITY": "tensorflow",
    "BLIS_NUM_THREADS": "numpy scipy",
    "CUBLAS_WORKSPACE_CONFIG": "torch",
    "CUDA_VISIBLE_DEVICES": "torch tensorflow keras jax cupy numba transformers fastai",
    "CUDA_HOME": "torch cupy",
    "DATASETS_VERBOSITY": "datasets",
    "DDE_BACKEND": "deepxde",
    "DGLBACKEND": "dgl",
    "DISPLAY": "matplotlib gym pygame",
    "GDAL_DATA": "rasterio fiona osgeo",
    "GOTO_NUM_THREADS": "numpy",
    "HF_HOME": "transformers datasets huggingface_hub diffusers sentence_transformers",
    "HUGGINGFACE_HUB_CACHE": "huggingface_hub transformers",
    "JAVA_HOME": "pyspark findspark h2o",
    "JAX_PLATFORMS": "jax flax",
    "JOBLIB_TEMP_FOLDER": "joblib sklearn",
    "KERAS_BACKEND": "keras tensorflow keras_cv keras_hub",
    "KERAS_HOME": "keras tensorflow",
    "KMP_DUPLICATE_LIB_OK": "torch numpy",
    "MALLOC_ARENA_MAX": "",
    "LD_LIBRARY_PATH": "",
    "MKL_NUM_THREADS": "numpy torch sklearn",
    "MPLBACKEND": "matplotlib seaborn pandas",
    "NCCL_DEBUG": "torch",
    "NLTK_DATA": "nltk",
    "NUMBA_NUM_THREADS": "numba umap librosa",
    "NUMEXPR_MAX_THREADS": "numexpr pandas",
    "NUMPY_EXPERIMENTAL_ARRAY_FUNCTION": "numpy",
    "NVIDIA_TF32_OVERRIDE": "torch tensorflow",
    "OMP_NUM_THREADS": "numpy sklearn torch",
    "OPENBLAS_NUM_THREADS": "numpy scipy",
    "OPENCV_IO_ENABLE_OPENEXR": "cv2",
    "PATH": "",
    "PL_GLOBAL_SEED": "pytorch_lightning",
    "POLARS_MAX_THREADS": "polars",
    "PROJ_LIB": "pyproj rasterio geopandas",
    "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "tensorflow",
    "PYOPENGL_PLATFORM": "OpenGL pyrender",
    "PYSPARK_SUBMIT_ARGS": "pyspark",
    "PYTENSOR_FLAGS": "pytensor pymc",
    "PYTHONHASHSEED": "",
    "PYTORCH_CUDA_ALLOC_CONF": "torch transformers",
    "QT_QPA_PLATFORM": "matplotlib cv2 PyQt5",
    "RAY_DEDUP_LOGS": "ray",
    "MODIN_ENGINE": "modin",
    "R_HOME": "rpy2",
    "SCIPY_ARRAY_API": "scipy sklearn",
    "SDL_VIDEODRIVER": "pygame",
    "SKLEARN_SEED": "sklearn",
    "SM_FRAMEWORK": "segmentation_models",
    "SPARK_HOME": "pyspark findspark",
    "TF2_BEHAVIOR": "tensorflow",
    "TFHUB_CACHE_DIR": "tensorflow_hub",
    "TF_CPP_MIN_LOG_LEVEL": "tensorflow keras tensorflow_hub transformers",
    "TF_USE_LEGACY_KERAS": "tensorflow tf_keras tensorflow_probability",
    "THEANO_FLAGS": "theano pymc3",
    "TOKENIZERS_PARALLELISM": "transformers tokenizers sentence_transformers",
    "TORCH_HOME": "torch torchvision timm",
    "TRANSFORMERS_OFFLINE": "transformers",
    "USE_TF": "transformers",
    "VECLIB_MAXIMUM_THREADS": "numpy",
    "WANDB_DISABLED": "wandb transformers",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "jax",
    "XLA_FLAGS": "jax tensorflow",
}
OTHERS = {  # what the libraries do not read
    "TF_CPP_MIN_LOG_LEVEL": "numpy pandas sklearn matplotlib",
    "KERAS_BACKEND": "numpy torch",
    "MPLBACKEND": "numpy sklearn",
    "HF_TOKEN": "numpy pandas",
    "PATH": "numpy pandas torch",
    "MY_API_KEY": "numpy torch tensorflow",
    "OMP_NUM_THREADS": "json os",
}


@pytest.fixture(scope="module")
def known(api: dict[str, Any]) -> Any:
    return heads.Known({}, (), api["reads_environment"])


@pytest.mark.parametrize("variable", READERS)
def test_a_library_reads_its_variables(known: Any, variable: str) -> None:
    modules = READERS[variable].split()
    assert [module for module in modules if known.reads(f"{module}.part", variable)] == modules


@pytest.mark.parametrize("variable", OTHERS)
def test_a_library_does_not_read_those_of_others(known: Any, variable: str) -> None:
    assert [module for module in OTHERS[variable].split() if known.reads(module, variable)] == []


def test_a_library_reads_variables_of_its_own_name_and_maybe_one_whose_name_is_not_known(known: Any) -> None:
    assert known.reads("streamlit", "STREAMLIT_PORT")
    assert not known.reads("streamlit", "STREAM")
    assert known.reads("tensorflow", None)
    assert not known.reads("streamlit", None)


def test_every_row_is_tried(known: Any) -> None:
    rows = {max((row for row in known.readers if name.startswith(row)), key=len) for name in READERS}
    assert rows == set(known.readers)
