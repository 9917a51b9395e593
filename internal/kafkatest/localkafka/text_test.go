package localkafka

import "testing"

func TestLinesOfALog(t *testing.T) {
	const failing = "a\n12:00:00.000 [main] INFO x - up\n12:00:00.001 [main] ERROR x - port taken\nat y\nat z\nshutting down\n"
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"the last lines of a long text", lastLines([]byte("a\nb\nc\n"), 2), "b\nc"},
		{"all of a short text", lastLines([]byte("a\n"), 2), "a"},
		{"nothing of an empty text", lastLines(nil, 2), ""},
		{"the first error, not the shutdown that follows", fromFirstError([]byte(failing), 2), "12:00:00.001 [main] ERROR x - port taken\nat y"},
		{"the end where there is no error", fromFirstError([]byte("a\nb\nc\n"), 2), "b\nc"},
		{"an exception that nobody logged", fromFirstError([]byte("a\nException in thread main\nat y"), 5), "Exception in thread main\nat y"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if string(test.got) != test.want {
				t.Errorf("%q, want %q", test.got, test.want)
			}
		})
	}
}
