package exporter

import (
	"bufio"
	"bytes"
	"io"
)

var utf8Mark = []byte("\xef\xbb\xbf")

// skipMark drops a byte order mark of UTF-8, which some programs write and none needs.
func skipMark(r io.Reader) io.Reader {
	br := bufio.NewReaderSize(r, 1<<16)
	if head, _ := br.Peek(len(utf8Mark)); bytes.Equal(head, utf8Mark) {
		_, _ = br.Discard(len(utf8Mark))
	}
	return br
}
