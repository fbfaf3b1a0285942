/* Judges a security key with what libfido2 offers and its tools do not: judge PATH WHAT. The key is new, and its person says yes to everything. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fido.h>
#include <fido/config.h>
#include <fido/es256.h>

#define RP "site.example"
#define PIN "1234"

static const unsigned char hash[32] = {7, 7, 7};

static void check(const char *what, int got, int want) {
	if (got == want)
		return;
	fprintf(stderr, "%s: %s, want %s\n", what, fido_strerr(got), fido_strerr(want));
	exit(1);
}

static void holds(const char *what, int is) {
	if (is)
		return;
	fprintf(stderr, "not so: %s\n", what);
	exit(1);
}

static fido_cred_t *asking(const char *user, int rk) {
	fido_cred_t *c = fido_cred_new();
	check("type", fido_cred_set_type(c, COSE_ES256), FIDO_OK);
	check("hash", fido_cred_set_clientdata_hash(c, hash, sizeof(hash)), FIDO_OK);
	check("rp", fido_cred_set_rp(c, RP, "Site"), FIDO_OK);
	check("user", fido_cred_set_user(c, (const unsigned char *)user, strlen(user), user, user, NULL), FIDO_OK);
	if (rk)
		check("rk", fido_cred_set_rk(c, FIDO_OPT_TRUE), FIDO_OK);
	return c;
}

/* made registers, and verifies what came back. */
static fido_cred_t *made(fido_dev_t *dev, fido_cred_t *c, const char *pin) {
	check("fido_dev_make_cred", fido_dev_make_cred(dev, c, pin), FIDO_OK);
	if (fido_cred_x5c_ptr(c) != NULL)
		check("fido_cred_verify", fido_cred_verify(c), FIDO_OK);
	else
		check("fido_cred_verify_self", fido_cred_verify_self(c), FIDO_OK);
	return c;
}

static fido_assert_t *signing(const fido_cred_t *only) {
	fido_assert_t *a = fido_assert_new();
	check("hash", fido_assert_set_clientdata_hash(a, hash, sizeof(hash)), FIDO_OK);
	check("rp", fido_assert_set_rp(a, RP), FIDO_OK);
	if (only != NULL)
		check("allow", fido_assert_allow_cred(a, fido_cred_id_ptr(only), fido_cred_id_len(only)), FIDO_OK);
	return a;
}

static void verified(fido_assert_t *a, size_t i, const fido_cred_t *c) {
	es256_pk_t *pk = es256_pk_new();
	check("public key", es256_pk_from_ptr(pk, fido_cred_pubkey_ptr(c), fido_cred_pubkey_len(c)), FIDO_OK);
	check("fido_assert_verify", fido_assert_verify(a, i, COSE_ES256, pk), FIDO_OK);
	es256_pk_free(&pk);
}

/* The old protocol: registration with a certificate, signatures with a counter that grows, and none for a key handle that is another's. */
static void u2f(fido_dev_t *dev) {
	fido_dev_force_u2f(dev);
	fido_cred_t *c = made(dev, asking("u", 0), NULL);
	holds("fido-u2f with a certificate", strcmp(fido_cred_fmt(c), "fido-u2f") == 0 && fido_cred_x5c_ptr(c) != NULL);
	unsigned last = 0;
	for (int i = 0; i < 3; i++) {
		fido_assert_t *a = signing(c);
		check("fido_dev_get_assert", fido_dev_get_assert(dev, a, NULL), FIDO_OK);
		verified(a, 0, c);
		holds("a counter that grows", fido_assert_sigcount(a, 0) > last);
		last = fido_assert_sigcount(a, 0);
	}
	fido_cred_t *other = asking("u", 0);
	check("exclude", fido_cred_exclude(other, fido_cred_id_ptr(c), fido_cred_id_len(c)), FIDO_OK);
	check("an excluded one", fido_dev_make_cred(dev, other, NULL), FIDO_ERR_CREDENTIAL_EXCLUDED);
	fido_assert_t *a = signing(NULL);
	check("allow", fido_assert_allow_cred(a, hash, sizeof(hash)), FIDO_OK);
	check("another's handle", fido_dev_get_assert(dev, a, NULL), FIDO_ERR_NO_CREDENTIALS);
	fido_dev_force_fido2(dev); /* the new protocol signs with the same key handle */
	a = signing(c);
	check("fido_dev_get_assert", fido_dev_get_assert(dev, a, NULL), FIDO_OK);
	verified(a, 0, c);
	holds("a counter that grows on", fido_assert_sigcount(a, 0) > last);
}

static void blob(fido_dev_t *dev) {
	static const unsigned char kept[] = "kept for the site";
	fido_cred_t *c = asking("u", 1);
	check("extensions", fido_cred_set_extensions(c, FIDO_EXT_CRED_BLOB), FIDO_OK);
	check("blob", fido_cred_set_blob(c, kept, sizeof(kept)), FIDO_OK);
	made(dev, c, NULL);
	fido_assert_t *a = signing(c);
	check("extensions", fido_assert_set_extensions(a, FIDO_EXT_CRED_BLOB), FIDO_OK);
	check("fido_dev_get_assert", fido_dev_get_assert(dev, a, NULL), FIDO_OK);
	verified(a, 0, c);
	holds("the blob", fido_assert_blob_len(a, 0) == sizeof(kept) && memcmp(fido_assert_blob_ptr(a, 0), kept, sizeof(kept)) == 0);
}

/* Several accounts come one after the other, the newest first, with their names when the user is verified. */
static void accounts(fido_dev_t *dev) {
	const char *users[] = {"ann", "bob", "eve"};
	fido_cred_t *c[3];
	check("fido_dev_set_pin", fido_dev_set_pin(dev, PIN, NULL), FIDO_OK);
	for (int i = 0; i < 3; i++)
		c[i] = made(dev, asking(users[i], 1), PIN);
	fido_assert_t *a = signing(NULL);
	check("fido_dev_get_assert", fido_dev_get_assert(dev, a, PIN), FIDO_OK);
	holds("three of them", fido_assert_count(a) == 3);
	for (int i = 0; i < 3; i++) {
		holds("the newest first", strcmp(fido_assert_user_name(a, i), users[2 - i]) == 0);
		holds("verified", (fido_assert_flags(a, i) & 4) != 0);
		verified(a, i, c[2 - i]);
	}
	a = signing(NULL);
	check("fido_dev_get_assert", fido_dev_get_assert(dev, a, NULL), FIDO_OK);
	holds("three without names", fido_assert_count(a) == 3 && fido_assert_user_name(a, 0) == NULL && fido_assert_user_id_len(a, 0) == 3);
}

static void lists(fido_dev_t *dev) {
	fido_cred_t *kept[2] = {made(dev, asking("ann", 0), NULL), made(dev, asking("bob", 1), NULL)};
	for (int i = 0; i < 2; i++) {
		fido_cred_t *c = asking("eve", 0);
		check("exclude", fido_cred_exclude(c, hash, sizeof(hash)), FIDO_OK);
		check("exclude", fido_cred_exclude(c, fido_cred_id_ptr(kept[i]), fido_cred_id_len(kept[i])), FIDO_OK);
		check("an excluded one", fido_dev_make_cred(dev, c, NULL), FIDO_ERR_CREDENTIAL_EXCLUDED);
	}
	fido_assert_t *a = signing(NULL);
	for (int i = 0; i < 30; i++) /* more than getInfo suggests */
		check("allow", fido_assert_allow_cred(a, (const unsigned char *)&i, sizeof(i)), FIDO_OK);
	check("allow", fido_assert_allow_cred(a, fido_cred_id_ptr(kept[1]), fido_cred_id_len(kept[1])), FIDO_OK);
	check("fido_dev_get_assert", fido_dev_get_assert(dev, a, NULL), FIDO_OK);
	holds("one", fido_assert_count(a) == 1);
	verified(a, 0, kept[1]);
}

static void minpin(fido_dev_t *dev) {
	const char *site = RP;
	check("fido_dev_set_pin", fido_dev_set_pin(dev, "123456", NULL), FIDO_OK);
	check("fido_dev_set_pin_minlen_rpid", fido_dev_set_pin_minlen_rpid(dev, &site, 1, "123456"), FIDO_OK);
	check("fido_dev_set_pin_minlen", fido_dev_set_pin_minlen(dev, 6, "123456"), FIDO_OK);
	fido_cred_t *c = asking("u", 0);
	check("fido_cred_set_pin_minlen", fido_cred_set_pin_minlen(c, 6), FIDO_OK);
	made(dev, c, "123456");
	holds("six", fido_cred_pin_minlen(c) == 6);
	check("fido_dev_enable_entattest", fido_dev_enable_entattest(dev, "123456"), FIDO_ERR_INVALID_PARAMETER);
	check("fido_dev_force_pin_change", fido_dev_force_pin_change(dev, "123456"), FIDO_OK);
	check("the old PIN", fido_dev_toggle_always_uv(dev, "123456"), FIDO_ERR_PIN_POLICY_VIOLATION);
}

static void touch(fido_dev_t *dev) {
	int touched = 0, pin = 0, uv = 0;
	check("fido_dev_get_touch_begin", fido_dev_get_touch_begin(dev), FIDO_OK);
	for (int i = 0; i < 100 && !touched; i++)
		check("fido_dev_get_touch_status", fido_dev_get_touch_status(dev, &touched, 100), FIDO_OK);
	holds("touched", touched);
	check("fido_dev_get_retry_count", fido_dev_get_retry_count(dev, &pin), FIDO_OK);
	check("fido_dev_get_uv_retry_count", fido_dev_get_uv_retry_count(dev, &uv), FIDO_OK);
	holds("all tries", pin == 8 && uv == 3);
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		void (*judge)(fido_dev_t *);
	} all[] = {{"u2f", u2f}, {"blob", blob}, {"accounts", accounts}, {"lists", lists}, {"minpin", minpin}, {"touch", touch}};

	fido_init(0);
	holds("judge PATH WHAT", argc == 3);
	fido_dev_t *dev = fido_dev_new();
	check("fido_dev_open", fido_dev_open(dev, argv[1]), FIDO_OK);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, argv[2]) == 0) {
			all[i].judge(dev);
			fido_dev_close(dev);
			return 0;
		}
	holds(argv[2], 0);
}
