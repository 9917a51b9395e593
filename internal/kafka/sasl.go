package kafka

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"kaliper/internal/jaas"
)

// saslMechanism returns what sasl.* asks for, nil if something is wrong with it. Which login
// module a mechanism needs was checked with the properties.
func saslMechanism(r *reader) sasl.Mechanism {
	const config = "sasl.jaas.config"
	login, err := jaas.Parse(r.String(config))
	if err != nil {
		r.rejectStore(config, err, "correct it")
		return nil
	}
	user, _ := login.Option("username")
	password, _ := login.Option("password")
	delegation, _ := login.Option("tokenauth")
	shared := scram.Auth{User: user, Pass: password, IsToken: strings.EqualFold(delegation, "true")}
	switch mechanism := r.String("sasl.mechanism"); mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism()
	case "SCRAM-SHA-256":
		return shared.AsSha256Mechanism()
	case "SCRAM-SHA-512":
		return shared.AsSha512Mechanism()
	case "OAUTHBEARER":
		if strings.HasPrefix(r.String("sasl.oauthbearer.token.endpoint.url"), "file:") {
			return tokenFile(r, login)
		}
		return tokensFromEndpoint(r, login)
	default:
		r.reject("sasl.mechanism", mechanism, "set PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER")
		return nil
	}
}

// tokenFile reads the token anew for every connection, so that whoever renews it need not tell.
func tokenFile(r *reader, login jaas.Entry) sasl.Mechanism {
	const name = "sasl.oauthbearer.token.endpoint.url"
	path, err := filePath(r.String(name))
	if err != nil {
		r.reject(name, fmt.Sprintf("%q", r.String(name)), err.Error())
		return nil
	}
	if _, err := readToken(path); err != nil {
		r.rejectStore(name, err, "write a token into the file")
		return nil
	}
	extensions := extensionsOf(login)
	return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
		token, err := readToken(path)
		return oauth.Auth{Token: token, Extensions: extensions}, err
	})
}

// extensionsOf returns the SASL extensions (KIP-342).
func extensionsOf(login jaas.Entry) map[string]string {
	extensions := map[string]string{}
	for option, value := range login.Options {
		if key, ok := strings.CutPrefix(option, "extension_"); ok {
			extensions[key] = value
		}
	}
	return extensions
}

func readToken(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(data))
	if token == "" || strings.ContainsAny(token, " \t\r\n\x01") {
		return "", errors.New("the file " + path + " does not hold one token")
	}
	return token, nil
}

// filePath returns the path of a file: URL.
func filePath(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "file" || u.Path == "" || u.Host != "" && u.Host != "localhost" {
		return "", errors.New("write file:///PATH of a file with a token")
	}
	// file:///C:/token has a path that begins with a slash.
	return filepath.FromSlash(windowsPath(u.Path)), nil
}

func windowsPath(path string) string {
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		return path[1:]
	}
	return path
}
