// Package compose holds only tests: they load docker-compose.yml with the compose
// specification's own library, which validates it against the specification's JSON schema. They
// live in the tools' module so that the program does not depend on that library.
package compose
