/* SPDX-License-Identifier: MIT */
#include "name_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "read_file.h"

#define DEVICES_FILE_MAX (1u << 20)

bool names_option(struct names_options *options, int c, const char *value)
{
	switch (c) {
	case 'D':
		options->devices = value;
		return true;
	case 'S':
		options->symbols = value;
		return true;
	case 'K':
		options->shift = value;
		return true;
	}
	return false;
}

static int load_devices(struct device_map *map, const char *path)
{
	char *text;
	size_t size;
	unsigned line;
	int err = read_file(path, DEVICES_FILE_MAX, &text, &size);

	if (err)
		return trouble("cannot read %s: %s", path, strerror(-err));
	line = device_map_parse(map, text);
	free(text);
	if (line)
		return trouble("%s: line %u is no \"NAME BASE SIZE [KIND]\"",
				path, line);
	return EXIT_SAME;
}

static int load_symbols(struct symbols *symbols,
		const struct names_options *options)
{
	const char *shift = options->shift ? options->shift : "0";
	uint64_t value;
	char *end;
	int err;

	errno = 0;
	value = strtoull(shift, &end, 0);
	if (errno || end == shift || *end)
		return trouble("--symbol-shift is a number, not %s", shift);
	err = symbols_load(symbols, options->symbols);
	if (err == -ENOEXEC)
		return trouble("%s has no symbols: it is no ELF file with a "
			       "symbol table, and no System.map",
				options->symbols);
	if (err)
		return trouble("cannot read %s: %s", options->symbols,
				strerror(-err));
	symbols->shift = value;
	return EXIT_SAME;
}

int names_init(struct stats_names *names, const struct names_options *options,
		const struct hvt_trace *trace)
{
	int code = EXIT_SAME;

	memset(names, 0, sizeof(*names));
	if (options->devices)
		code = load_devices(&names->devices, options->devices);
	device_map_guess(&names->devices, trace);
	if (!code && options->symbols)
		code = load_symbols(&names->symbols, options);
	return code;
}

void names_fini(struct stats_names *names)
{
	symbols_fini(&names->symbols);
}
