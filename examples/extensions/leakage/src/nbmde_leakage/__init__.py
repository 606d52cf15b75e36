"""An extension of nbmde: constraints that find data leakage. Its parts lie beside this file."""
