"""An extension of nbmde: notebooks as experiments. Its parts lie beside this file."""
