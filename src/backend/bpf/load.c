/* SPDX-License-Identifier: MIT */
/* Loading the program, by whoever may. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "bpf.h"
#include "program.h"

static int make_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options,
			.map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "hvt_exits",
			sizeof(uint32_t), HVT_RECORDS * HVT_RECORD_STRIDE, 1,
			&options);
}

static int load(const struct hvt_kernel_layout *layout, int map,
		uint64_t cookie)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options,
			.expected_attach_type = BPF_TRACE_FENTRY,
			.attach_btf_id = layout->function);
	struct hvt_program p;

	hvt_program_assemble(&p, layout, map, cookie);
	/* The kernel lets programs that trace it read only under the GPL. */
	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "hvt_exit", "Dual MIT/GPL",
			p.insns, p.count, &options);
}

static int attach(struct hvt_exit_source *s,
		const struct hvt_kernel_layout *layout)
{
	int program = load(layout, s->map, s->cookie);

	if (program < 0)
		return program;
	s->link = bpf_link_create(program, 0, BPF_TRACE_FENTRY, NULL);
	close(program);
	return s->link < 0 ? s->link : 0;
}

static int load_all(struct hvt_exit_source *s)
{
	struct hvt_kernel_layout layout;
	int err;

	s->map = make_map();
	if (s->map < 0)
		return s->map;
	err = hvt_kernel_layout(&layout);
	if (!err && getrandom(&s->cookie, sizeof(s->cookie), 0) < 0)
		err = -errno;
	s->cookie &= ~(uint64_t)(HVT_RECORDS - 1);
	if (!err)
		err = attach(s, &layout);
	if (err)
		close(s->map);
	return err;
}

/* What libbpf would print is for its users' eyes, who are not ours. */
int hvt_exit_source_load(struct hvt_exit_source *source)
{
	libbpf_print_fn_t before = libbpf_set_print(NULL);
	int err = load_all(source);

	libbpf_set_print(before);
	source->helper = -1;
	return err;
}

void hvt_exit_source_close(struct hvt_exit_source *source)
{
	close(source->link);
	close(source->map);
	if (source->helper >= 0)
		close(source->helper);
}
