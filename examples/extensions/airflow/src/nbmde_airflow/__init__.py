"""An extension of nbmde: a workflow for Apache Airflow. Its parts lie beside this file."""
