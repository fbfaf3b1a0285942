package audit

import (
	"slices"
	"strings"
)

// offersSecond are sites that are known to take one-time codes from an app, or passkeys. The list is short, our own, and not
// complete: only what is on it is found, because "no second factor" is no help where there is none to be had. Sorted.
var offersSecond = []string{
	"1password.com", "adobe.com", "amazon.ca", "amazon.co.jp", "amazon.co.uk", "amazon.com", "amazon.de", "amazon.es", "amazon.fr", "amazon.it",
	"atlassian.com", "auth0.com", "backblaze.com", "binance.com", "bitbucket.org", "bitfinex.com", "bitstamp.net", "bitwarden.com", "box.com",
	"cloudflare.com", "codeberg.org", "coinbase.com", "digitalocean.com", "discord.com", "docker.com", "dropbox.com", "dynadot.com", "ea.com", "ebay.com", "ebay.de",
	"epicgames.com", "etsy.com", "facebook.com", "fastmail.com", "figma.com", "firefox.com", "gandi.net", "gemini.com", "github.com", "gitlab.com", "godaddy.com",
	"google.com", "heroku.com", "hetzner.com", "hubspot.com", "id.me", "instagram.com", "jetbrains.com", "kickstarter.com", "kraken.com", "lastpass.com",
	"linkedin.com", "linode.com", "live.com", "login.gov", "mailbox.org", "mailchimp.com", "mastodon.social", "mega.io", "mega.nz", "microsoft.com",
	"microsoftonline.com", "name.com", "namecheap.com", "netlify.com", "nintendo.com", "nordaccount.com", "npmjs.com", "nvidia.com", "office.com", "okta.com",
	"outlook.com", "ovh.com", "patreon.com", "paypal.com", "pcloud.com", "pinterest.com", "playstation.com", "porkbun.com", "posteo.de", "proton.me", "protonmail.com",
	"pypi.org", "reddit.com", "roblox.com", "rubygems.org", "salesforce.com", "sendgrid.com", "sentry.io", "shopify.com", "slack.com", "snapchat.com", "sony.com",
	"sr.ht", "stripe.com", "synology.com", "tumblr.com", "tuta.com", "tutanota.com", "twilio.com", "twitch.tv", "twitter.com", "uber.com", "ubisoft.com", "ubuntu.com",
	"vultr.com", "wordpress.com", "x.com", "yahoo.com", "zoho.com", "zoom.us",
}

func knownSecond(s string) bool {
	_, ok := slices.BinarySearch(offersSecond, s)
	return ok
}

const (
	meansSecond = "Who gets the password gets in; this site is known to take one-time codes or passkeys as well."
	todoSecond  = "Switch it on there and keep it here; if it is elsewhere, tag the entry " + IgnoreTag + "/" + string(NoSecond) + "."
)

// factors knows which accounts have a second factor somewhere in the vault: it may well stand in an entry of its own.
type factors map[string]bool

func newFactors(facts []fact) factors {
	have := factors{}
	for _, f := range facts {
		if !f.factor {
			continue
		}
		for _, s := range f.sites {
			have["site "+s+"\n"+fold(f.user)] = true
		}
		for _, n := range f.names {
			have["name "+n] = true
		}
	}
	return have
}

// has says whether a login has one: in its entry, for its site and user, or in an entry that has the site's name only.
func (have factors) has(f fact, site string) bool {
	if f.factor || have["site "+site+"\n"+fold(f.user)] || have["site "+site+"\n"] || have["name "+site] {
		return true
	}
	label, _, _ := strings.Cut(site, ".")
	if have["name "+label] {
		return true
	}
	return len(f.names) > 0 && f.names[0] != "" && have["name "+f.names[0]]
}
