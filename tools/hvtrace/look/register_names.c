/* SPDX-License-Identifier: MIT */
#include "register_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <hvtrace/hvtrace.h>

/* Registers of one name, numbered if there is more than one. */
struct range {
	uint32_t first;
	uint16_t count;
	uint8_t stride;
	const char *name;
};

static void name_in(const struct range *ranges, size_t count, uint64_t offset,
		char *text, size_t size)
{
	if (size)
		*text = 0;
	for (size_t i = 0; i < count; i++) {
		const struct range *r = &ranges[i];
		uint64_t index = (offset - r->first) / r->stride;

		if (offset < r->first || index >= r->count)
			continue;
		if (r->count == 1)
			snprintf(text, size, "%s", r->name);
		else
			snprintf(text, size, "%s%" PRIu64, r->name, index);
		return;
	}
}

#define NAME_IN(table, offset, text, size)                                     \
	name_in(table, sizeof(table) / sizeof((table)[0]), offset, text, size)

void pl011_register_name(uint64_t offset, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0x00, 1, 4, "UARTDR" }, { 0x04, 1, 4, "UARTRSR" },
		{ 0x18, 1, 4, "UARTFR" }, { 0x20, 1, 4, "UARTILPR" },
		{ 0x24, 1, 4, "UARTIBRD" }, { 0x28, 1, 4, "UARTFBRD" },
		{ 0x2c, 1, 4, "UARTLCR_H" }, { 0x30, 1, 4, "UARTCR" },
		{ 0x34, 1, 4, "UARTIFLS" }, { 0x38, 1, 4, "UARTIMSC" },
		{ 0x3c, 1, 4, "UARTRIS" }, { 0x40, 1, 4, "UARTMIS" },
		{ 0x44, 1, 4, "UARTICR" }, { 0x48, 1, 4, "UARTDMACR" },
		{ 0xfe0, 4, 4, "UARTPeriphID" },
		{ 0xff0, 4, 4, "UARTPCellID" },
	};

	NAME_IN(names, offset, text, size);
}

void pl031_register_name(uint64_t offset, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0x00, 1, 4, "RTCDR" }, { 0x04, 1, 4, "RTCMR" },
		{ 0x08, 1, 4, "RTCLR" }, { 0x0c, 1, 4, "RTCCR" },
		{ 0x10, 1, 4, "RTCIMSC" }, { 0x14, 1, 4, "RTCRIS" },
		{ 0x18, 1, 4, "RTCMIS" }, { 0x1c, 1, 4, "RTCICR" },
		{ 0xfe0, 4, 4, "RTCPeriphID" }, { 0xff0, 4, 4, "RTCPCellID" },
	};

	NAME_IN(names, offset, text, size);
}

void virtio_register_name(uint64_t offset, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0x000, 1, 4, "MagicValue" }, { 0x004, 1, 4, "Version" },
		{ 0x008, 1, 4, "DeviceID" }, { 0x00c, 1, 4, "VendorID" },
		{ 0x010, 1, 4, "DeviceFeatures" },
		{ 0x014, 1, 4, "DeviceFeaturesSel" },
		{ 0x020, 1, 4, "DriverFeatures" },
		{ 0x024, 1, 4, "DriverFeaturesSel" },
		{ 0x028, 1, 4, "GuestPageSize" }, { 0x030, 1, 4, "QueueSel" },
		{ 0x034, 1, 4, "QueueNumMax" }, { 0x038, 1, 4, "QueueNum" },
		{ 0x03c, 1, 4, "QueueAlign" }, { 0x040, 1, 4, "QueuePFN" },
		{ 0x044, 1, 4, "QueueReady" }, { 0x050, 1, 4, "QueueNotify" },
		{ 0x060, 1, 4, "InterruptStatus" },
		{ 0x064, 1, 4, "InterruptACK" }, { 0x070, 1, 4, "Status" },
		{ 0x080, 1, 4, "QueueDescLow" },
		{ 0x084, 1, 4, "QueueDescHigh" },
		{ 0x090, 1, 4, "QueueDriverLow" },
		{ 0x094, 1, 4, "QueueDriverHigh" },
		{ 0x0a0, 1, 4, "QueueDeviceLow" },
		{ 0x0a4, 1, 4, "QueueDeviceHigh" }, { 0x0ac, 1, 4, "SHMSel" },
		{ 0x0b0, 1, 4, "SHMLenLow" }, { 0x0b4, 1, 4, "SHMLenHigh" },
		{ 0x0b8, 1, 4, "SHMBaseLow" }, { 0x0bc, 1, 4, "SHMBaseHigh" },
		{ 0x0c0, 1, 4, "QueueReset" },
		{ 0x0fc, 1, 4, "ConfigGeneration" },
	};

	if (offset >= 0x100 && offset < 0x1000)
		snprintf(text, size, "Config+0x%" PRIx64, offset - 0x100);
	else
		NAME_IN(names, offset, text, size);
}

void gicd_register_name(uint64_t offset, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0x0000, 1, 4, "GICD_CTLR" }, { 0x0004, 1, 4, "GICD_TYPER" },
		{ 0x0008, 1, 4, "GICD_IIDR" }, { 0x000c, 1, 4, "GICD_TYPER2" },
		{ 0x0010, 1, 4, "GICD_STATUSR" },
		{ 0x0040, 1, 4, "GICD_SETSPI_NSR" },
		{ 0x0048, 1, 4, "GICD_CLRSPI_NSR" },
		{ 0x0080, 32, 4, "GICD_IGROUPR" },
		{ 0x0100, 32, 4, "GICD_ISENABLER" },
		{ 0x0180, 32, 4, "GICD_ICENABLER" },
		{ 0x0200, 32, 4, "GICD_ISPENDR" },
		{ 0x0280, 32, 4, "GICD_ICPENDR" },
		{ 0x0300, 32, 4, "GICD_ISACTIVER" },
		{ 0x0380, 32, 4, "GICD_ICACTIVER" },
		{ 0x0400, 255, 4, "GICD_IPRIORITYR" },
		{ 0x0800, 255, 4, "GICD_ITARGETSR" },
		{ 0x0c00, 64, 4, "GICD_ICFGR" },
		{ 0x0d00, 32, 4, "GICD_IGRPMODR" },
		{ 0x0f00, 1, 4, "GICD_SGIR" },
		{ 0x6000, 1020, 8, "GICD_IROUTER" },
		{ 0xffe8, 1, 4, "GICD_PIDR2" },
	};

	NAME_IN(names, offset, text, size);
}

void gicr_register_name(uint64_t offset, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0x00000, 1, 4, "GICR_CTLR" }, { 0x00004, 1, 4, "GICR_IIDR" },
		{ 0x00008, 1, 8, "GICR_TYPER" },
		{ 0x00010, 1, 4, "GICR_STATUSR" },
		{ 0x00014, 1, 4, "GICR_WAKER" },
		{ 0x00070, 1, 8, "GICR_PROPBASER" },
		{ 0x00078, 1, 8, "GICR_PENDBASER" },
		{ 0x0ffe8, 1, 4, "GICR_PIDR2" },
		{ 0x10080, 1, 4, "GICR_IGROUPR0" },
		{ 0x10100, 1, 4, "GICR_ISENABLER0" },
		{ 0x10180, 1, 4, "GICR_ICENABLER0" },
		{ 0x10200, 1, 4, "GICR_ISPENDR0" },
		{ 0x10280, 1, 4, "GICR_ICPENDR0" },
		{ 0x10300, 1, 4, "GICR_ISACTIVER0" },
		{ 0x10380, 1, 4, "GICR_ICACTIVER0" },
		{ 0x10400, 8, 4, "GICR_IPRIORITYR" },
		{ 0x10c00, 2, 4, "GICR_ICFGR" },
		{ 0x10d00, 1, 4, "GICR_IGRPMODR0" },
	};

	NAME_IN(names, offset, text, size);
}

void gicm_register_name(uint64_t offset, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0x008, 1, 4, "GICM_TYPER" },
		{ 0x040, 1, 4, "GICM_SET_SPI_NSR" },
		{ 0xfcc, 1, 4, "GICM_IIDR" },
	};

	NAME_IN(names, offset, text, size);
}

/* Of the CPU interface, by encoding: Arm IHI 0069, 12.2 and 12.4. */
static void icc_register_name(uint64_t encoding, char *text, size_t size)
{
	static const struct range names[] = {
		{ 0xc230, 1, 1, "ICC_PMR_EL1" }, { 0xc640, 1, 1, "ICC_IAR0_EL1" },
		{ 0xc641, 1, 1, "ICC_EOIR0_EL1" },
		{ 0xc642, 1, 1, "ICC_HPPIR0_EL1" },
		{ 0xc643, 1, 1, "ICC_BPR0_EL1" },
		{ 0xc644, 1, 1, "ICC_AP0R0_EL1" },
		{ 0xc648, 1, 1, "ICC_AP1R0_EL1" },
		{ 0xc659, 1, 1, "ICC_DIR_EL1" }, { 0xc65b, 1, 1, "ICC_RPR_EL1" },
		{ 0xc65d, 1, 1, "ICC_SGI1R_EL1" },
		{ 0xc65e, 1, 1, "ICC_ASGI1R_EL1" },
		{ 0xc65f, 1, 1, "ICC_SGI0R_EL1" },
		{ 0xc660, 1, 1, "ICC_IAR1_EL1" },
		{ 0xc661, 1, 1, "ICC_EOIR1_EL1" },
		{ 0xc662, 1, 1, "ICC_HPPIR1_EL1" },
		{ 0xc663, 1, 1, "ICC_BPR1_EL1" },
		{ 0xc664, 1, 1, "ICC_CTLR_EL1" }, { 0xc665, 1, 1, "ICC_SRE_EL1" },
		{ 0xc666, 1, 1, "ICC_IGRPEN0_EL1" },
		{ 0xc667, 1, 1, "ICC_IGRPEN1_EL1" },
		{ 0xe64d, 1, 1, "ICC_SRE_EL2" },
		{ 0xe640, 1, 1, "ICH_AP0R0_EL2" },
		{ 0xe648, 1, 1, "ICH_AP1R0_EL2" },
		{ 0xe658, 1, 1, "ICH_HCR_EL2" }, { 0xe659, 1, 1, "ICH_VTR_EL2" },
		{ 0xe65a, 1, 1, "ICH_MISR_EL2" },
		{ 0xe65b, 1, 1, "ICH_EISR_EL2" },
		{ 0xe65d, 1, 1, "ICH_ELRSR_EL2" },
		{ 0xe65f, 1, 1, "ICH_VMCR_EL2" },
		{ 0xe660, 16, 1, "ICH_LR" },
	};

	NAME_IN(names, encoding, text, size);
}

void sys_register_name(uint16_t encoding, char *text, size_t size)
{
	const char *name = hvt_value_name("hv_sys_reg_t", encoding);

	if (name) {
		snprintf(text, size, "%s", name);
		return;
	}
	icc_register_name(encoding, text, size);
	if (!*text)
		snprintf(text, size, "S%u_%u_C%u_C%u_%u", encoding >> 14,
				encoding >> 11 & 7, encoding >> 7 & 15,
				encoding >> 3 & 15, encoding & 7);
}

void gic_value_name(const char *type, uint64_t value, char *text, size_t size)
{
	static const struct {
		const char *type;
		void (*name)(uint64_t value, char *text, size_t size);
	} types[] = {
		{ "hv_gic_distributor_reg_t", gicd_register_name },
		{ "hv_gic_redistributor_reg_t", gicr_register_name },
		{ "hv_gic_icc_reg_t", icc_register_name },
		{ "hv_gic_ich_reg_t", icc_register_name },
		{ "hv_gic_icv_reg_t", icc_register_name },
		{ "hv_gic_msi_reg_t", gicm_register_name },
	};

	*text = 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].type, type))
			types[i].name(value, text, size);
	/* The guest's own view of the CPU interface has names of its own. */
	if (!strcmp(type, "hv_gic_icv_reg_t") && !strncmp(text, "ICC", 3))
		text[2] = 'V';
}
