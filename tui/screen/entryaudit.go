package screen

import (
	"slices"
	"strings"
	"time"

	"signet/vault/entry"
)

// auditFresh is how long a report is repeated on an entry: what it says of several entries together may have been mended since.
const auditFresh = 10 * time.Minute

// auditMark names what the last audit found about an entry, when the entry has not changed since. It starts none.
func (e Env) auditMark(en entry.Entry) string {
	if e.Ports.Auditor == nil {
		return ""
	}
	r, ok := e.Ports.Auditor.Last(e.Vault)
	if !ok || !en.Modified.Before(r.At) || e.Now().Sub(r.At) > auditFresh {
		return ""
	}
	var kinds []string
	for _, f := range r.Findings {
		if f.Entry == en.ID && !slices.Contains(kinds, string(f.Kind)) {
			kinds = append(kinds, string(f.Kind))
		}
	}
	return strings.Join(kinds, ", ")
}
