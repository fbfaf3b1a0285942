package vault

import (
	"fmt"
	"strings"
	"testing"
)

// The log keeps the newest rows, whoever wrote them, and forgets whole pieces of the oldest.
func TestTheRequestLogIsBounded(t *testing.T) {
	v := newWorld(t).open()
	n := 0
	add := func(rows int) {
		var batch []RequestRow
		for range rows {
			batch = append(batch, RequestRow{Data: fmt.Append(nil, n), Trusted: n%2 == 0})
			n++
		}
		must(t, v.local.addRequests(t.Context(), batch))
	}
	add(3)
	add(requestsAPiece)
	for range 12 {
		add(1000)
	}
	rows, err := v.Local().Requests(0)
	if err != nil || len(rows) != MaxRequests {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, r := range rows {
		if want := fmt.Sprint(n - 1 - i); string(r.Data) != want || r.Trusted != ((n-1-i)%2 == 0) {
			t.Fatalf("row %d is %s, want %s", i, r.Data, want)
		}
	}
	if few, err := v.Local().Requests(5); err != nil || len(few) != 5 || string(few[0].Data) != fmt.Sprint(n-1) {
		t.Errorf("%d of 5 rows, %v", len(few), err)
	}
	long := make([]RequestRow, 600)
	for i := range long {
		long[i] = RequestRow{Data: make([]byte, maxRequest)}
	}
	must(t, v.local.addRequests(t.Context(), long)) // pieces end before they are too large for a blob
	names, err := v.m.Names(localDir)
	must(t, err)
	pieces := 0
	for _, name := range names {
		if strings.HasPrefix(name, requestPrefix) {
			pieces++
		}
	}
	if pieces > MaxRequests/requestsAPiece+1 {
		t.Errorf("%d pieces", pieces)
	}
}
