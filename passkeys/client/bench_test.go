package client_test

import (
	"context"
	"encoding/json"
	"testing"

	"signet/passkeys/client"
)

// What the client adds to the authenticator's own work: BenchmarkGet of passkeys/client against those of passkeys.
func BenchmarkGet(b *testing.B) {
	p := open(b)
	p.made(making(nil))
	for name, o := range map[string]object{"plain": getting(nil), "prf": getting(ext(object{"prf": object{"eval": eval("one")}}))} {
		b.Run(name, func(b *testing.B) {
			in := must[[]byte](b)(json.Marshal(o))
			c := client.New(p.opt)
			for b.Loop() {
				if _, err := c.Get(context.Background(), p.from, in); err != nil {
					b.Fatal(err)
				}
				p.device.sent, p.person.Asked = nil, nil
			}
		})
	}
}
