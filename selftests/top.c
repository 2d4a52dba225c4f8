// SPDX-License-Identifier: GPL-2.0
/*
 * What dmabuf-ctl top works out without a terminal and without the module: what is
 * new since the look before, rates, and where keys lead in a list. ctl_live.sh has the
 * screen.
 */
#include "kselftest_harness.h"

#include "../tools/text.c"
#include "../tools/rates.c"
#include "../tools/screen.h"
#include "../tools/scroll.c"

#define S	1000000000ULL

/* text.c wants it, for memory that can't be had. */
enum status message_error(enum status status, const char *format, ...)
{
	fprintf(stderr, "%s\n", format);
	return status;
}

FIXTURE(rates) {
	struct rates rates;
};

FIXTURE_SETUP(rates)
{
	memset(&self->rates, 0, sizeof(self->rates));
	rates_begin(&self->rates, 5 * S);
}

FIXTURE_TEARDOWN(rates)
{
	rates_free(&self->rates);
}

TEST_F(rates, first_look)
{
	EXPECT_EQ(7, rates_add(&self->rates, 1, 1, 7));
	EXPECT_EQ(0, rates_span(&self->rates));
}

TEST_F(rates, later_looks)
{
	rates_add(&self->rates, 1, 1, 7);
	rates_add(&self->rates, 1, 2, 10);
	rates_add(&self->rates, 2, 1, 100);
	rates_begin(&self->rates, 7 * S);
	EXPECT_EQ(2 * S, rates_span(&self->rates));
	EXPECT_EQ(1, rates_add(&self->rates, 1, 1, 8));
	EXPECT_EQ(0, rates_add(&self->rates, 1, 2, 10));
	EXPECT_EQ(50, rates_add(&self->rates, 2, 1, 150));
	rates_begin(&self->rates, 8 * S);
	EXPECT_EQ(S, rates_span(&self->rates));
	EXPECT_EQ(0, rates_add(&self->rates, 1, 1, 8));
	EXPECT_EQ(5, rates_add(&self->rates, 2, 1, 155));
}

TEST_F(rates, come_and_go)
{
	rates_add(&self->rates, 2, 1, 7);
	rates_add(&self->rates, 4, 3, 9);
	rates_begin(&self->rates, 6 * S);
	/* A buffer before all others, an attachment before and one behind, a last buffer. */
	EXPECT_EQ(1, rates_add(&self->rates, 1, 1, 1));
	EXPECT_EQ(2, rates_add(&self->rates, 4, 2, 2));
	EXPECT_EQ(0, rates_add(&self->rates, 4, 3, 9));
	EXPECT_EQ(4, rates_add(&self->rates, 4, 4, 4));
	EXPECT_EQ(5, rates_add(&self->rates, 5, 1, 5));
	rates_begin(&self->rates, 7 * S);
	/* What was away counts from its beginning. */
	EXPECT_EQ(8, rates_add(&self->rates, 2, 1, 8));
	EXPECT_EQ(0, rates_add(&self->rates, 5, 1, 5));
}

TEST_F(rates, ids_used_again)
{
	rates_add(&self->rates, 1, 1, 7);
	rates_begin(&self->rates, 6 * S);
	EXPECT_EQ(3, rates_add(&self->rates, 1, 1, 3));
}

TEST_F(rates, many)
{
	uint64_t look, buffer;

	for (look = 0; look < 3; look++) {
		for (buffer = 1; buffer <= 1000; buffer++)
			EXPECT_EQ(look ? buffer : 0,
				  rates_add(&self->rates, buffer, 1, look * buffer));
		rates_begin(&self->rates, (6 + look) * S);
	}
}

TEST_F(rates, words)
{
	static const struct {
		uint64_t events;
		uint64_t span;
		const char *text;
	} rates[] = {
		{ 0, S, "0" }, { 1, 1000000 * S, "0.1" }, { 1, 3 * S, "0.3" },
		{ 2, 3 * S, "0.7" }, { 1, S, "1.0" }, { 299, 30 * S, "10" },
		{ 99, 10 * S, "9.9" }, { 30, S + S / 1000, "30" },
		{ 1000000, S, "1000000" },
	};
	char text[TEXT_NUMBER_SIZE];
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		text_rate_write(rate_of(rates[i].events, rates[i].span), text);
		EXPECT_STREQ(rates[i].text, text);
	}
}

FIXTURE(scroll) {
	struct scroll scroll;
};

FIXTURE_SETUP(scroll)
{
	memset(&self->scroll, 0, sizeof(self->scroll));
}

FIXTURE_TEARDOWN(scroll)
{
}

static void expect_at(struct __test_metadata *_metadata, const struct scroll *scroll,
		      size_t selected, size_t first)
{
	EXPECT_EQ(selected, scroll->selected);
	EXPECT_EQ(first, scroll->first);
}

TEST_F(scroll, selection)
{
	scroll_fit(&self->scroll, 10, 4);
	expect_at(_metadata, &self->scroll, 0, 0);
	scroll_key(&self->scroll, SCREEN_UP);
	expect_at(_metadata, &self->scroll, 0, 0);
	scroll_select(&self->scroll, 3);
	expect_at(_metadata, &self->scroll, 3, 0);
	scroll_key(&self->scroll, SCREEN_DOWN);
	expect_at(_metadata, &self->scroll, 4, 1);
	scroll_key(&self->scroll, SCREEN_PAGE_DOWN);
	expect_at(_metadata, &self->scroll, 8, 5);
	scroll_key(&self->scroll, SCREEN_PAGE_DOWN);
	expect_at(_metadata, &self->scroll, 9, 6);
	scroll_key(&self->scroll, SCREEN_PAGE_UP);
	expect_at(_metadata, &self->scroll, 5, 5);
	scroll_key(&self->scroll, SCREEN_HOME);
	expect_at(_metadata, &self->scroll, 0, 0);
	scroll_key(&self->scroll, SCREEN_END);
	expect_at(_metadata, &self->scroll, 9, 6);
	scroll_select(&self->scroll, 100);
	expect_at(_metadata, &self->scroll, 9, 6);
}

TEST_F(scroll, changes)
{
	scroll_fit(&self->scroll, 10, 4);
	scroll_key(&self->scroll, SCREEN_END);
	/* Fewer lines, none, and again some; a larger screen, and a smaller one. */
	scroll_fit(&self->scroll, 7, 4);
	expect_at(_metadata, &self->scroll, 6, 3);
	scroll_fit(&self->scroll, 7, 6);
	expect_at(_metadata, &self->scroll, 6, 1);
	scroll_fit(&self->scroll, 7, 1);
	expect_at(_metadata, &self->scroll, 6, 6);
	scroll_fit(&self->scroll, 0, 4);
	expect_at(_metadata, &self->scroll, 0, 0);
	scroll_key(&self->scroll, SCREEN_DOWN);
	scroll_key(&self->scroll, SCREEN_END);
	expect_at(_metadata, &self->scroll, 0, 0);
	scroll_fit(&self->scroll, 3, 4);
	expect_at(_metadata, &self->scroll, 0, 0);
}

TEST_F(scroll, plain)
{
	self->scroll.is_plain = true;
	scroll_fit(&self->scroll, 10, 4);
	scroll_key(&self->scroll, SCREEN_DOWN);
	EXPECT_EQ(1, self->scroll.first);
	scroll_key(&self->scroll, SCREEN_END);
	EXPECT_EQ(6, self->scroll.first);
	scroll_key(&self->scroll, SCREEN_PAGE_UP);
	EXPECT_EQ(2, self->scroll.first);
	scroll_fit(&self->scroll, 10, 9);
	EXPECT_EQ(1, self->scroll.first);
	scroll_fit(&self->scroll, 3, 9);
	scroll_key(&self->scroll, SCREEN_DOWN);
	EXPECT_EQ(0, self->scroll.first);
}

TEST_F(scroll, keys)
{
	scroll_fit(&self->scroll, 10, 4);
	EXPECT_TRUE(scroll_key(&self->scroll, SCREEN_LEFT));
	EXPECT_EQ(0, self->scroll.skip);
	EXPECT_TRUE(scroll_key(&self->scroll, SCREEN_RIGHT));
	EXPECT_EQ(8, self->scroll.skip);
	EXPECT_TRUE(scroll_key(&self->scroll, SCREEN_LEFT));
	EXPECT_EQ(0, self->scroll.skip);
	EXPECT_FALSE(scroll_key(&self->scroll, 'x'));
	EXPECT_FALSE(scroll_key(&self->scroll, SCREEN_ENTER));
	expect_at(_metadata, &self->scroll, 0, 0);
}

TEST_HARNESS_MAIN
