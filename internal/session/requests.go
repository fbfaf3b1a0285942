package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"signet/vault"
)

// Bounds of the texts of a request, in bytes.
const (
	maxRequestCommand = 64
	maxRequestName    = 256
	maxRequestAnswer  = 128
)

// requestRow is how a request is kept.
type requestRow struct {
	At        int64  `json:"t"` // ms since 1970
	Command   string `json:"c,omitempty"`
	Requester string `json:"q,omitempty"`
	Route     string `json:"r,omitempty"`
	RPID      string `json:"rp,omitempty"`
	UserName  string `json:"u,omitempty"`
	Answer    string `json:"a,omitempty"`
	Status    byte   `json:"s,omitempty"`
	UP        bool   `json:"up,omitempty"`
	UV        bool   `json:"uv,omitempty"`
	Asked     bool   `json:"k,omitempty"`
}

func (r Request) encode() ([]byte, error) {
	return plainJSON(requestRow{
		r.At.UnixMilli(), shortened(r.Command, maxRequestCommand), shortened(r.Requester, maxRequestName), shortened(r.Route, maxRequestCommand),
		shortened(r.RPID, maxRequestName), shortened(r.UserName, maxRequestName), shortened(r.Answer, maxRequestAnswer), r.Status, r.UP, r.UV, r.Asked,
	})
}

// plainJSON is json.Marshal without the escapes that only pages need.
func plainJSON(r requestRow) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(r)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// shortened cuts a text from outside between two characters. Characters that are none to look at are replaced: what they take in a row would be several times
// their length, and nobody shall be able to make a row too long to be kept.
func shortened(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, s[:min(len(s), 2*most)])
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

func requestOf(row vault.RequestRow) (Request, bool) {
	if row.More > 0 {
		return Request{Answer: fmt.Sprintf("%d more were not recorded: too many came while the vault was locked", row.More)}, true
	}
	var r requestRow
	if json.Unmarshal(row.Data, &r) != nil {
		return Request{}, false
	}
	return Request{
		At: time.UnixMilli(r.At), Command: shortened(r.Command, maxRequestCommand), Requester: shortened(r.Requester, maxRequestName),
		Route: shortened(r.Route, maxRequestCommand), RPID: shortened(r.RPID, maxRequestName), UserName: shortened(r.UserName, maxRequestName),
		Answer: shortened(r.Answer, maxRequestAnswer), Status: r.Status, UP: r.UP, UV: r.UV, Asked: r.Asked, Trusted: row.Trusted,
	}, true
}

func (l *Local) Requests(ctx context.Context, limit int) ([]Request, error) {
	_ = l.v.Local().TakeWaiting(ctx) // of this session's own time locked; what fails is shown by the next one
	rows, err := l.v.Local().Requests(limit)
	out := make([]Request, 0, len(rows))
	for _, row := range rows {
		if r, ok := requestOf(row); ok {
			out = append(out, r)
		}
	}
	for i := len(out) - 2; i >= 0; i-- {
		if out[i].Command == "" && out[i].At.IsZero() {
			out[i].At = out[i+1].At // those that were not recorded came after it
		}
	}
	return out, err
}

// record writes one row durably.
func (l *Local) record(ctx context.Context, r Request) error {
	data, err := r.encode()
	if err != nil {
		return err
	}
	return l.v.Local().AddRequest(ctx, data)
}

// recordLocked writes one row without the vault's keys.
func recordLocked(o DoorOptions, r Request) error {
	data, err := r.encode()
	if err != nil {
		return err
	}
	return vault.RecordLocked(o.Dir, vault.Options{Now: o.Now, Rand: o.Rand}, data)
}
