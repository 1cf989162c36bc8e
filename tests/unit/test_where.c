/* SPDX-License-Identifier: MIT */
/* Filters: what they mean, what is refused and where. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "exit_events.h"
#include "look/where.h"

static struct device_map map;
static struct where_event what;

static void setup(void)
{
	device_map_add(&map, "uart", 0x9000000, 0x1000, DEVICE_PL011);
	what = (struct where_event){ .devices = &map, .first_tick = 1000,
		.hz = 1e6 };
}

static void teardown(void)
{
	where_event_fini(&what);
}

TestSuite(where, .init = setup, .fini = teardown);

static bool holds(const char *text, struct hvt_event event)
{
	struct where_error e;
	struct where *w = where_compile(text, NULL, &e);
	bool yes;

	cr_assert(w, "%s: %s at %zu", text, e.text, e.column);
	yes = where_holds(w, &what, &event);
	where_free(w);
	return yes;
}

#define YES(text, event) cr_expect(holds(text, event), "%s", text)
#define NO(text, event)	 cr_expect(!holds(text, event), "%s", text)

Test(where, knows_the_kinds_of_exits)
{
	struct hvt_event e = run_leave(5, 1, 2000, ESR_WRITE_W3, 0x9000018);

	YES("kind=mmio", e);
	YES("kind=exit", e);
	YES("kind=leave", e);
	YES("kind=run", e);
	NO("kind=hvc", e);
	NO("kind=call", e);
	YES("kind!=reg", e);
	NO("kind!=mmio", e);
	YES("kind=mmio && ipa>=0x9000000", e);
	NO("kind=mmio && ipa>=0x9000019", e);
	YES("device=uart", e);
	YES("device~UA", e);
	NO("device=rtc", e);
	YES("write", e);
	YES("write=1 && size=4", e);
	YES("ec=0x24", e);
	YES("syndrome & 0x40 = 0x40", e);
	YES("syndrome >> 26 = 0x24", e);
	YES("iss=0x1830047", e);
	YES("reason=EXCEPTION && va=0x1000", e);
	YES("physical_address=0x9000018", e);
	NO("reason!=exception", e);
}

Test(where, knows_numbers_places_and_times)
{
	struct hvt_event e = run_leave(5, 1, 2500, ESR_HVC, 0);

	YES("event=5 && thread=1 && tick=2500", e);
	YES("time=1.5ms", e);
	YES("time>1499us && time<1501us", e);
	YES("time>=1500000", e);
	NO("time>2s", e);
	YES("tick>2K && tick<1M && tick < 1G", e);
	NO("device=uart", e);
	NO("size=4", e);
	NO("write", e);
	what.hz = 0;
	NO("time>0", e);
}

Test(where, knows_parameters_and_names_of_values)
{
	struct hvt_event e = reg_call(9, 2, true, HV_REG_PC, 0x4000);

	YES("call=hv_vcpu_get_reg", e);
	YES("call~get && reg=PC && value=16K", e);
	YES("reg=pc", e);
	NO("reg!=PC", e);
	YES("reg!=X0", e);
	YES("kind=reg && kind=call", e);
	YES("result=HV_SUCCESS && result=0", e);
	NO("level=0", e);
	NO("level!=0", e);
	YES("!(level=0)", e);
	e.result = HV_DENIED;
	YES("result=HV_DENIED && result<0 && result=-85377017", e);
	NO("result", reg_call(9, 2, true, HV_REG_PC, 0));
}

Test(where, knows_gic_registers_by_name)
{
	struct hvt_event e = { .kind = HVT_EVENT_ENTER, .call = 77,
		.values = { 0x104, 1 } };

	YES("reg=GICD_ISENABLER1", e);
	YES("reg~isenabler && value=1", e);
	NO("reg=GICD_ISENABLER0", e);
	NO("result=0", e);
	YES("kind=irq", e);
}

Test(where, knows_the_vcpu_of_a_thread)
{
	struct hvt_event leave = run_leave(2, 3, 10, ESR_HVC, 0);

	NO("vcpu=6", leave);
	NO("vcpu=6 && event=9", run_enter(1, 3, 5, 6));
	YES("vcpu=6", leave);
	YES("vcpu=6", run_enter(3, 3, 11, 6));
	NO("vcpu=6", run_leave(4, 4, 10, ESR_HVC, 0));
}

Test(where, binds_and_closer_than_or)
{
	struct hvt_event e = run_leave(5, 1, 0, ESR_HVC, 0);

	YES("event=5 || event=6 && event=7", e);
	NO("(event=5 || event=6) && event=7", e);
	YES("event=6 || event=7 || event=5", e);
	NO("!(event=5) || !event", e);
	YES("!!event", e);
	YES("event==5&&!(thread=2)", e);
}

Test(where, takes_words_in_quotes)
{
	struct hvt_event e = run_leave(5, 1, 0, ESR_WRITE_W3, 0x9000000);

	YES("device=\"uart\"", e);
	YES("device='uart'", e);
	NO("device=\"\"", e);
}

static void expect_error(const char *text, size_t column, const char *part)
{
	struct where_error e;
	struct where *w = where_compile(text, NULL, &e);

	cr_assert_null(w, "%s", text);
	cr_expect_eq(e.column, column, "%s: %zu", text, e.column);
	cr_expect(strstr(e.text, part), "%s: %s", text, e.text);
}

Test(where, says_what_is_wrong_and_where)
{
	expect_error("", 0, "name of a field");
	expect_error("  ", 2, "name of a field");
	expect_error("foo=1", 0, "no event has a field `foo`");
	expect_error("event=", 6, "number or a word");
	expect_error("event=5 event=6", 8, "&&, || or the end");
	expect_error("(event=5", 8, "a )");
	expect_error("event=5)", 7, "&&, || or the end");
	expect_error("event=5 && ", 11, "name of a field");
	expect_error("event=18446744073709551616", 6, "64 bits");
	expect_error("event=0x", 6, "64 bits");
	expect_error("event=5q", 6, "K, M or G");
	expect_error("event=1.5", 6, "K, M or G");
	expect_error("event=20000000000G", 6, "K, M or G");
	expect_error("event=5 $", 8, "means nothing");
	expect_error("device=\"ua", 7, "no end");
	expect_error("kind", 4, "= or !=");
	expect_error("kind=5", 5, "a word");
	expect_error("kind=nothing", 5, "no kind `nothing`");
	expect_error("kind<mmio", 4, "= or !=");
	expect_error("reg<PC", 4, "none is less");
	expect_error("reg~5", 4, "a word");
	expect_error("syndrome & = 4", 11, "a number");
	expect_error("syndrome >> 64 = 4", 12, "64 bits");
	expect_error("syndrome & 1 = PC", 15, "compared with a number");
	expect_error("event & 1 & 1 & 1 & 1 & 1", 22, "too many");
	expect_error("5=event", 0, "name of a field");
}

Test(where, refuses_what_is_too_long_or_too_deep)
{
	static char text[3 * WHERE_TEXT_MAX];
	struct where_error e;

	memset(text, ' ', WHERE_TEXT_MAX + 1);
	cr_assert_null(where_compile(text, NULL, &e));
	memset(text, 0, sizeof(text));
	memset(text, '(', WHERE_TEXT_MAX);
	cr_assert_null(where_compile(text, NULL, &e));
	cr_assert(strstr(e.text, "too deep"));
	memset(text, '!', WHERE_TEXT_MAX);
	cr_assert_null(where_compile(text, NULL, &e));
	cr_assert(strstr(e.text, "too deep"));
	strcpy(text, "event");
	for (unsigned i = 0; i < 300; i++)
		strcat(text, "||event");
	cr_assert_null(where_compile(text, NULL, &e));
	cr_assert(strstr(e.text, "too long"));
}
