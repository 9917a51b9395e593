#!/bin/sh
# Writes ../kafka-4.3.tsv from the real client jar. Needs Java 17 and Maven.
set -eu
cd "$(dirname "$0")"
jars=$(mktemp -d)
trap 'rm -rf "$jars"' EXIT
mvn -q -B dependency:copy-dependencies -DoutputDirectory="$jars"
java -cp "$jars/*" PrintConfigs.java > ../kafka-4.3.tsv
