package scenarios

import (
	"fmt"
	"strings"
)

// The kinds of references, under the names that they have where nothing declares others.
const (
	providerEnv  = "env"
	providerFile = "file"
	providerDir  = "dir"
)

const referenceForms = "${env:NAME}, ${file:PATH}, ${file:PATH:key} or ${dir:FOLDER:key}"

// builtProviders are the config providers of Kafka, whose work is done here, by their classes.
func builtProviders() map[string]string {
	const kafka = "org.apache.kafka.common.config.provider."
	return map[string]string{
		kafka + "EnvVarConfigProvider":    providerEnv,
		kafka + "FileConfigProvider":      providerFile,
		kafka + "DirectoryConfigProvider": providerDir,
	}
}

// declareProviders takes the parameters of config providers out of properties and remembers
// which class a name stands for in references of the same file:
//
//	config.providers=secrets
//	config.providers.secrets.class=org.apache.kafka.common.config.provider.FileConfigProvider
func (l *loader) declareProviders(list []written) []written {
	rest := list[:0:0]
	for _, w := range list {
		parameter, ours := strings.CutPrefix(w.name, providerPrefix)
		if !ours {
			rest = append(rest, w)
			continue
		}
		if name, ok := strings.CutSuffix(parameter, ".class"); ok {
			from := w.n.at.file
			if l.providers[from] == nil {
				l.providers[from] = map[string]string{}
			}
			l.providers[from][name] = strings.TrimSpace(w.n.text)
		}
	}
	return rest
}

const providerPrefix = "config.providers."

// providerKind returns which kind of reference a name stands for in a file.
func (l *loader) providerKind(name, from string) (string, error) {
	class, declared := l.providers[from][name]
	kind := builtProviders()[class]
	switch {
	case declared && kind != "":
		return kind, nil
	case declared:
		return "", fmt.Errorf("the config provider %s is %s, and Java classes cannot run here; write %s", name, class, referenceForms)
	case name == providerEnv || name == providerFile || name == providerDir:
		return name, nil
	default:
		return "", errNoReference
	}
}
