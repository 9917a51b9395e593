package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// entry is a member as a reader of the archive sees it.
type entry struct {
	name    string
	mode    fs.FileMode
	content string
}

func TestAnArchiveHoldsItsMembersAndIsTheSameTwice(t *testing.T) {
	tests := []struct {
		name  string
		write func(io.Writer, []member) error
		read  func([]byte) ([]entry, error)
	}{
		{"tar.gz", writeTarGzip, readTarGzip},
		{"zip", writeZip, readZip},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "binary")
			pack := func(modified time.Time) []byte {
				if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(path, modified, modified); err != nil {
					t.Fatal(err)
				}
				var archive bytes.Buffer
				if err := test.write(&archive, []member{{path, "kaliper/kaliper", 0o755}}); err != nil {
					t.Fatal(err)
				}
				return archive.Bytes()
			}
			first, second := pack(time.Unix(1e9, 0)), pack(time.Unix(2e9, 0))
			if !bytes.Equal(first, second) {
				t.Error("another time of the file gives another archive")
			}
			got, err := test.read(first)
			want := entry{"kaliper/kaliper", 0o755, "content"}
			if err != nil || len(got) != 1 || got[0] != want {
				t.Errorf("read %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestAnArchiveThatFailsIsNotLeftBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.zip")
	failure := errors.New("disk full")
	if err := create(path, func(io.Writer) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

func readTarGzip(archive []byte) ([]entry, error) {
	uncompressed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	reader := tar.NewReader(uncompressed)
	var entries []entry
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{header.Name, fs.FileMode(header.Mode), string(content)})
	}
}

func readZip(archive []byte) ([]entry, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, file := range reader.File {
		opened, err := file.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{file.Name, file.Mode(), string(content)})
	}
	return entries, nil
}
