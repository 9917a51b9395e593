package localkafka

import "bytes"

// lastLines returns the end of a text: at most n lines.
func lastLines(text []byte, n int) []byte {
	lines := bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n"))
	return bytes.Join(lines[max(len(lines)-n, 0):], []byte("\n"))
}

// fromFirstError returns at most n lines of a broker's log from its first error or uncaught
// exception on, or the last n where there is none. A broker that fails says why, and then
// tells at length how it shuts down.
func fromFirstError(log []byte, n int) []byte {
	lines := bytes.Split(bytes.TrimRight(log, "\n"), []byte("\n"))
	for i, line := range lines {
		if bytes.Contains(line, []byte("] ERROR ")) || bytes.HasPrefix(line, []byte("Exception in thread")) {
			return bytes.Join(lines[i:min(i+n, len(lines))], []byte("\n"))
		}
	}
	return lastLines(log, n)
}
