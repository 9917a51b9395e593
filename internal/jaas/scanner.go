package jaas

import (
	"errors"
	"strings"
)

// kind is what a token is.
type kind int

const (
	end kind = iota
	word
	quoted
	equal
	semicolon
)

type token struct {
	kind kind
	text string
}

// scanner cuts a configuration into tokens.
type scanner struct{ rest string }

// next returns the next token, past white space and comments.
func (s *scanner) next() (token, error) {
	if err := s.skip(); err != nil {
		return token{}, err
	}
	if s.rest == "" {
		return token{}, nil
	}
	switch c := s.rest[0]; {
	case c == '=':
		s.rest = s.rest[1:]
		return token{kind: equal}, nil
	case c == ';':
		s.rest = s.rest[1:]
		return token{kind: semicolon}, nil
	case c == '"' || c == '\'':
		return s.quoted(c)
	case beginsWord(c):
		n := 1
		for n < len(s.rest) && (beginsWord(s.rest[n]) || isDigit(s.rest[n]) || s.rest[n] == '.') {
			n++
		}
		text := s.rest[:n]
		s.rest = s.rest[n:]
		return token{word, text}, nil
	default:
		// Java reads a bare number as one, and then finds no value.
		return token{}, errors.New("has a number, a point or a sign outside of quotes; quote values")
	}
}

func beginsWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$' || c == '-' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// skip passes white space and comments.
func (s *scanner) skip() error {
	for {
		s.rest = strings.TrimLeftFunc(s.rest, func(r rune) bool { return r <= ' ' })
		switch {
		case strings.HasPrefix(s.rest, "//"):
			_, s.rest, _ = strings.Cut(s.rest, "\n")
		case strings.HasPrefix(s.rest, "/*"):
			_, rest, closed := strings.Cut(s.rest[2:], "*/")
			if !closed {
				return errors.New("has a comment that does not end; add */")
			}
			s.rest = rest
		default:
			return nil
		}
	}
}

// quoted reads a string up to the quote that began it, with the escapes of StreamTokenizer.
func (s *scanner) quoted(quote byte) (token, error) {
	var text strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; c {
		case quote:
			s.rest = s.rest[i+1:]
			return token{quoted, text.String()}, nil
		case '\n', '\r':
			return token{}, errors.New("has a line break within quotes; keep a value on one line")
		case '\\':
			if i++; i == len(s.rest) {
				break
			}
			if isOctal(s.rest[i]) {
				code, n := octal(s.rest[i:])
				text.WriteRune(code)
				i += n - 1
				break
			}
			text.WriteByte(unescape(s.rest[i]))
		default:
			text.WriteByte(c)
		}
	}
	return token{}, errors.New("has quotes that do not end; add the closing one")
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }

// octal reads up to three octal digits, up to \377.
func octal(text string) (code rune, n int) {
	most := 2
	if text[0] <= '3' {
		most = 3
	}
	for n < min(most, len(text)) && isOctal(text[n]) {
		code = code*8 + rune(text[n]-'0')
		n++
	}
	return code, n
}

func unescape(c byte) byte {
	switch c {
	case 'a':
		return 7
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'v':
		return '\v'
	default:
		return c
	}
}
