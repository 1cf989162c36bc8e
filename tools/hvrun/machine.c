/* SPDX-License-Identifier: MIT */
/*
 * The order of things: files first, so that their errors need no hypervisor;
 * then VM, RAM, GIC, devices; then the vCPUs, one after the other; and only
 * when all exist is the first one switched on.
 */
#include "machine.h"

#include <Hypervisor/Hypervisor.h>
#include <errno.h>
#include <os/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_fdt.h"
#include "hv_error.h"
#include "options.h"
#include "signals.h"

#define DEFAULT_COMMAND_LINE "console=ttyAMA0"

static bool succeeded(const char *call, hv_return_t ret)
{
	if (ret == HV_SUCCESS)
		return true;
	hv_error_report(call, ret);
	return false;
}

void machine_report_created(struct machine *machine, bool ok)
{
	pthread_mutex_lock(&machine->lock);
	machine->created_count++;
	if (!ok)
		machine->create_failed = true;
	pthread_cond_broadcast(&machine->created);
	pthread_mutex_unlock(&machine->lock);
}

static bool wait_created(struct machine *machine, unsigned int count)
{
	bool ok;

	pthread_mutex_lock(&machine->lock);
	while (machine->created_count < count)
		pthread_cond_wait(&machine->created, &machine->lock);
	ok = !machine->create_failed;
	pthread_mutex_unlock(&machine->lock);
	return ok;
}

/*
 * After console_end(): it may be one with a kick for input, and what the vCPU
 * makes of it must then be the end.
 */
static void cancel(struct machine *machine, const struct cpu *except)
{
	hv_vcpu_t ids[MAX_CPUS];
	uint32_t count = 0;
	unsigned int i;

	for (i = 0; i < machine->power.cpu_count; i++) {
		if (&machine->cpus[i] != except)
			ids[count++] = machine->cpus[i].vcpu;
	}
	if (count)
		succeeded("hv_vcpus_exit", hv_vcpus_exit(ids, count));
}

void machine_stop_others(struct machine *machine, const struct cpu *cpu)
{
	power_stop(&machine->power);
	console_end(&machine->console);
	cancel(machine, cpu);
}

void machine_forbid_kicks(struct machine *machine)
{
	pthread_mutex_lock(&machine->lock);
	machine->kicks_allowed = false;
	pthread_mutex_unlock(&machine->lock);
}

void machine_interrupt(struct machine *machine, int status)
{
	pthread_mutex_lock(&machine->lock);
	if (machine->kicks_allowed) {
		if (!machine->signal_status)
			machine->signal_status = status;
		power_stop(&machine->power);
		console_end(&machine->console);
		cancel(machine, NULL);
	}
	pthread_mutex_unlock(&machine->lock);
}

static void kick_for_input(void *ctx)
{
	struct machine *machine = ctx;

	pthread_mutex_lock(&machine->lock);
	if (machine->kicks_allowed)
		succeeded("hv_vcpus_exit",
			hv_vcpus_exit(&machine->cpus[0].vcpu, 1));
	pthread_mutex_unlock(&machine->lock);
}

static void quit(void *ctx)
{
	machine_interrupt(ctx, STATUS_INTERRUPTED);
}

static void fail(void *ctx)
{
	machine_interrupt(ctx, STATUS_TROUBLE);
}

static const struct peripherals_ops peripherals_ops = {
	.fail = fail,
	.quit = quit,
};

static const struct console_ops console_ops = {
	.kick = kick_for_input,
	.quit = quit,
};

static int build_fdt(struct machine *machine)
{
	const struct options *options = machine->options;
	const struct boot_layout *layout = &machine->layout;
	const struct guest_fdt guest = {
		.ram_size = machine->ram.size,
		.initrd_start = layout->initrd_start,
		.initrd_end = layout->initrd_end,
		.cpu_count = options->cpu_count,
		.virtio_count = machine->peripherals.count,
		.command_line = options->append ? options->append
						: DEFAULT_COMMAND_LINE,
	};
	int err = guest_fdt_build(
		machine->ram.host + (layout->fdt - RAM_BASE), FDT_ROOM, &guest);

	if (err)
		fprintf(stderr, "hvrun: device tree: %s\n", strerror(-err));
	return err;
}

static int load_files(struct machine *machine)
{
	const struct options *options = machine->options;
	int err;

	if (options->flat) {
		machine->layout.entry = RAM_BASE;
		return loader_load_flat(&machine->ram, options->flat);
	}
	err = loader_load_linux(&machine->ram, options->kernel, options->initrd,
		&machine->layout);
	return err ? err : build_fdt(machine);
}

static int allocate_ram(struct machine *machine)
{
	unsigned int megabytes = machine->options->memory_mb;
	int err = ram_allocate(&machine->ram, MIB(megabytes));

	if (err)
		fprintf(stderr,
			"hvrun: %u MiB of guest RAM: %s; give less with "
			"--memory\n",
			megabytes, strerror(-err));
	return err;
}

static bool create_vm(void)
{
	if (succeeded("hv_vm_create", hv_vm_create(NULL)))
		return true;
	fprintf(stderr,
		"hvrun: no virtual machine can be made here; "
		"'hvtrace host' tells what this machine lacks\n");
	return false;
}

static bool create_gic(void)
{
	hv_gic_config_t config = hv_gic_config_create();
	bool ok;

	if (!config) {
		fprintf(stderr, "hvrun: hv_gic_config_create failed\n");
		return false;
	}
	ok = succeeded("hv_gic_config_set_distributor_base",
		     hv_gic_config_set_distributor_base(config, GICD_BASE)) &&
		succeeded("hv_gic_config_set_redistributor_base",
			hv_gic_config_set_redistributor_base(
				config, GICR_BASE)) &&
		succeeded("hv_gic_create", hv_gic_create(config));
	os_release(config);
	return ok;
}

static bool build_vm(struct machine *machine)
{
	const struct options *options = machine->options;
	int err;

	if (!succeeded("hv_vm_map",
		    hv_vm_map(machine->ram.host, RAM_BASE, machine->ram.size,
			    HV_MEMORY_READ | HV_MEMORY_WRITE |
				    HV_MEMORY_EXEC)) ||
		!create_gic())
		return false;
	console_init(
		&machine->console, options->stdin_mode, &console_ops, machine);
	err = devices_init(&machine->devices, &machine->console,
		options->rtc_seconds, &machine->peripherals);
	if (err)
		fprintf(stderr, "hvrun: devices: %s\n", strerror(-err));
	return !err;
}

/* Returns how many threads were started; fewer than asked for is an error. */
static unsigned int create_cpus(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < machine->options->cpu_count; i++) {
		if (cpu_start(&machine->cpus[i], machine, i))
			break;
		if (!wait_created(machine, i + 1))
			return i + 1;
	}
	return i;
}

static void start(struct machine *machine)
{
	uint64_t context = machine->options->flat ? machine->ram.size
						  : machine->layout.fdt;
	int err;

	pthread_mutex_lock(&machine->lock);
	machine->kicks_allowed = true;
	pthread_mutex_unlock(&machine->lock);
	err = signals_start(machine);
	if (!err)
		err = console_start(&machine->console);
	if (err)
		fprintf(stderr, "hvrun: thread for signals or input: %s\n",
			strerror(-err));
	power_cpu_on(&machine->power, 0, machine->layout.entry, context);
}

/*
 * The status of the lowest vCPU that stopped by itself. If none did, someone
 * outside stopped them.
 */
static int final_status(const struct machine *machine)
{
	unsigned int i;

	if (machine->create_failed)
		return STATUS_TROUBLE;
	if (machine->signal_status)
		return machine->signal_status;
	for (i = 0; i < machine->power.cpu_count; i++) {
		if (machine->cpus[i].status != STATUS_TOLD)
			return machine->cpus[i].status;
	}
	return STATUS_INTERRUPTED;
}

static int run_cpus(struct machine *machine)
{
	unsigned int i, started = create_cpus(machine);

	if (started == machine->options->cpu_count && !machine->create_failed) {
		start(machine);
	} else {
		machine->create_failed = true;
		power_limit(&machine->power, started);
		power_stop(&machine->power);
	}
	for (i = 0; i < started; i++)
		pthread_join(machine->cpus[i].thread, NULL);
	return final_status(machine);
}

static int write_final_regs(struct machine *machine, FILE *out)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < machine->power.cpu_count; i++) {
		char *text = machine->cpus[i].final_regs;

		ok = text && fputs(text, out) >= 0 && ok;
		free(text);
	}
	if (fclose(out) || !ok) {
		fprintf(stderr, "hvrun: %s: not all registers were written\n",
			machine->options->final_regs);
		return STATUS_TROUBLE;
	}
	return 0;
}

static bool start_peripherals(struct machine *machine)
{
	int err = peripherals_start(&machine->peripherals, &machine->ram);

	if (err)
		fprintf(stderr, "hvrun: threads of devices: %s\n",
			strerror(-err));
	return !err;
}

static int run_vm(struct machine *machine)
{
	int status = STATUS_TROUBLE;

	if (!create_vm())
		return STATUS_TROUBLE;
	if (build_vm(machine) && start_peripherals(machine))
		status = run_cpus(machine);
	peripherals_close(&machine->peripherals);
	if (!succeeded("hv_vm_destroy", hv_vm_destroy()) && !status)
		status = STATUS_TROUBLE;
	return status;
}

int machine_run(struct machine *machine, const struct options *options)
{
	FILE *regs = NULL;
	int status;

	machine->options = options;
	pthread_mutex_init(&machine->lock, NULL);
	pthread_cond_init(&machine->created, NULL);
	power_init(&machine->power, options->cpu_count);
	if (allocate_ram(machine) ||
		peripherals_open(&machine->peripherals, options,
			&peripherals_ops, machine) ||
		load_files(machine)) {
		peripherals_close(&machine->peripherals);
		return STATUS_USAGE;
	}
	if (options->final_regs) {
		regs = fopen(options->final_regs, "w");
		if (!regs) {
			fprintf(stderr, "hvrun: %s: cannot write: %s\n",
				options->final_regs, strerror(errno));
			return STATUS_USAGE;
		}
	}
	status = run_vm(machine);
	if (regs && write_final_regs(machine, regs) && !status)
		status = STATUS_TROUBLE;
	return status;
}
