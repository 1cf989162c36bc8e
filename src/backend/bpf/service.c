/* SPDX-License-Identifier: MIT */
/*
 * One program for many VMMs: however many there are, a vCPU that leaves the
 * guest finds its record, or that it has none, by a look at two maps. A program
 * for each would cost every exit of every VM of the host once more.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "bpf.h"
#include "load.h"
#include "socket.h"

#define CLIENT_BITS 8u

_Static_assert(1u << HVT_CLIENT_SHIFT == HVT_RECORDS &&
	1u << CLIENT_BITS == HVT_EXIT_CLIENTS, "the low bits of a cookie");

/* Those that nobody has are random, too. */
static int change_cookie(struct hvt_exit_service *s, uint32_t client)
{
	int err = hvt_exit_cookie_make(
			&s->cookie[client], HVT_CLIENT_SHIFT + CLIENT_BITS);

	s->cookie[client] |= (uint64_t)client << HVT_CLIENT_SHIFT;
	return err;
}

static int put_cookies(const struct hvt_exit_service *s)
{
	const uint32_t first = 0;

	return bpf_map_update_elem(s->cookies, &first, s->cookie, BPF_ANY);
}

/* The kernel takes an example of what is to be in a map of maps. */
static int make_clients(void)
{
	int example = hvt_exit_records_make(), fd;
	LIBBPF_OPTS(bpf_map_create_opts, options,
			.inner_map_fd = (uint32_t)example);

	if (example < 0)
		return example;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "hvt_clients",
			sizeof(uint32_t), sizeof(uint32_t), HVT_EXIT_CLIENTS,
			&options);
	close(example);
	return fd;
}

static int make_maps(struct hvt_exit_service *s)
{
	int err;

	s->clients = make_clients();
	if (s->clients < 0)
		return s->clients;
	s->cookies = bpf_map_create(BPF_MAP_TYPE_ARRAY, "hvt_cookies",
			sizeof(uint32_t), sizeof(s->cookie), 1, NULL);
	if (s->cookies < 0)
		return s->cookies;
	for (uint32_t n = 0; n < HVT_EXIT_CLIENTS; n++) {
		err = change_cookie(s, n);
		if (err)
			return err;
	}
	return put_cookies(s);
}

static int start(struct hvt_exit_service *s)
{
	struct hvt_kernel_layout layout;
	struct hvt_program p;
	int err = make_maps(s);

	if (!err)
		err = hvt_kernel_layout(&layout);
	if (err)
		return err;
	hvt_program_assemble_shared(&p, &layout, s->clients, s->cookies);
	s->link = hvt_program_attach(&p, layout.function);
	return s->link < 0 ? s->link : 0;
}

int hvt_exit_service_start(struct hvt_exit_service *service)
{
	libbpf_print_fn_t before = libbpf_set_print(NULL);
	int err;

	service->clients = service->cookies = service->link = -1;
	err = start(service);
	libbpf_set_print(before);
	if (err)
		hvt_exit_service_stop(service);
	return err;
}

/* A cookie is of use to its client alone, and not to who was it before. */
int hvt_exit_service_add(struct hvt_exit_service *service, uint32_t client,
		int connection)
{
	int map = hvt_exit_records_make(), err;

	if (map < 0)
		return map;
	err = change_cookie(service, client);
	if (!err)
		err = put_cookies(service);
	if (!err)
		err = bpf_map_update_elem(service->clients, &client, &map,
				BPF_ANY);
	if (!err) {
		err = hvt_exit_source_send(connection, map,
				service->cookie[client]);
		if (err)
			hvt_exit_service_remove(service, client);
	}
	close(map);
	return err;
}

void hvt_exit_service_remove(struct hvt_exit_service *service, uint32_t client)
{
	(void)bpf_map_delete_elem(service->clients, &client);
}

void hvt_exit_service_stop(struct hvt_exit_service *service)
{
	const int fds[] = { service->link, service->cookies, service->clients };

	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}
