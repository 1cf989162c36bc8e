/* SPDX-License-Identifier: MIT */
/* Loading the program, by whoever may. */
#include "load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "bpf.h"
#include "kernel_layout.h"

int hvt_exit_records_make(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options,
			.map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "hvt_exits",
			sizeof(uint32_t), HVT_RECORDS * HVT_RECORD_STRIDE, 1,
			&options);
}

int hvt_exit_cookie_make(uint64_t *cookie, unsigned low_bits)
{
	if (getrandom(cookie, sizeof(*cookie), 0) != sizeof(*cookie))
		return -EAGAIN;
	*cookie = *cookie >> low_bits << low_bits;
	return 0;
}

int hvt_program_attach(const struct hvt_program *p, uint32_t function)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options,
			.expected_attach_type = BPF_TRACE_FENTRY,
			.attach_btf_id = function);
	/* The kernel lets programs that trace it read only under the GPL. */
	int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "hvt_exit",
			"Dual MIT/GPL", p->insns, p->count, &options);
	int link;

	if (fd < 0)
		return fd;
	link = bpf_link_create(fd, 0, BPF_TRACE_FENTRY, NULL);
	close(fd);
	return link;
}

static int load_all(struct hvt_exit_source *s)
{
	struct hvt_kernel_layout layout;
	struct hvt_program p;
	int err;

	s->map = hvt_exit_records_make();
	if (s->map < 0)
		return s->map;
	err = hvt_kernel_layout(&layout);
	if (!err)
		err = hvt_exit_cookie_make(&s->cookie, HVT_CLIENT_SHIFT);
	if (!err) {
		hvt_program_assemble(&p, &layout, s->map, s->cookie);
		err = s->link = hvt_program_attach(&p, layout.function);
	}
	if (err < 0)
		close(s->map);
	return err < 0 ? err : 0;
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
