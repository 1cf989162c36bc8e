// SPDX-License-Identifier: MIT
//
// What VMM sources in C++ do with the headers; only compiled, and without a
// warning in every C++ standard. The enumerations are types of their own here,
// as on a Mac, so that overloads can tell them apart.

#include <libkern/OSCacheControl.h>
#include <mach/mach_time.h>
#include <os/object.h>

#include <Hypervisor/Hypervisor.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <type_traits>

static_assert(
	std::is_same<std::underlying_type<hv_sys_reg_t>::type, uint16_t>::value,
	"a system register is 16 bits");
static_assert(std::is_same<hv_return_t, int>::value, "results are int");

namespace
{

void check(hv_return_t ret)
{
	switch (ret) {
	case HV_SUCCESS:
		return;
	case HV_DENIED:
		throw std::runtime_error("denied");
	default:
		throw std::runtime_error("failed");
	}
}

class Vcpu
{
      public:
	Vcpu()
	{
		check(hv_vcpu_create(&id_, &exit_, nullptr));
	}

	~Vcpu()
	{
		hv_vcpu_destroy(id_);
	}

	Vcpu(const Vcpu &) = delete;
	Vcpu &operator=(const Vcpu &) = delete;

	uint64_t get(hv_reg_t reg) const
	{
		uint64_t value;

		check(hv_vcpu_get_reg(id_, reg, &value));
		return value;
	}

	uint64_t get(hv_sys_reg_t reg) const
	{
		uint64_t value;

		check(hv_vcpu_get_sys_reg(id_, reg, &value));
		return value;
	}

	uint64_t x(unsigned int n) const
	{
		return get(static_cast<hv_reg_t>(HV_REG_X0 + n));
	}

	void set_q(unsigned int n, hv_simd_fp_uchar16_t value)
	{
		check(hv_vcpu_set_simd_fp_reg(
			id_, hv_simd_fp_reg_t(HV_SIMD_FP_REG_Q0 + n), value));
	}

	bool run()
	{
		check(hv_vcpu_run(id_));
		switch (exit_->reason) {
		case HV_EXIT_REASON_CANCELED:
			return false;
		case HV_EXIT_REASON_EXCEPTION:
			return (exit_->exception.syndrome >> 26) == 0x16;
		case HV_EXIT_REASON_VTIMER_ACTIVATED:
			return true;
		case HV_EXIT_REASON_UNKNOWN:
			break;
		}
		return false;
	}

	void cancel()
	{
		check(hv_vcpus_exit(&id_, 1));
	}

      private:
	hv_vcpu_t id_ = 0;
	hv_vcpu_exit_t *exit_ = nullptr;
};

void run_one()
{
	Vcpu vcpu;
	hv_simd_fp_uchar16_t q = {};
	const uint64_t start = mach_absolute_time();

	vcpu.set_q(0, q);
	while (vcpu.run())
		std::printf("%llx %llx %llx\n",
			static_cast<unsigned long long>(vcpu.x(0)),
			static_cast<unsigned long long>(vcpu.get(HV_REG_PC)),
			static_cast<unsigned long long>(
				vcpu.get(HV_SYS_REG_ESR_EL1)));
	if (__builtin_available(macOS 27.0, *))
		vcpu.cancel();
	std::printf("%llu ticks\n",
		static_cast<unsigned long long>(mach_absolute_time() - start));
}

} // namespace

int main()
{
	hv_vm_config_t config = hv_vm_config_create();
	void *ram = nullptr;

	check(hv_vm_create(config));
	os_release(config);
	check(hv_vm_allocate(&ram, 1 << 20, HV_ALLOCATE_DEFAULT));
	check(hv_vm_map(ram, 0, 1 << 20, HV_MEMORY_READ | HV_MEMORY_EXEC));
	sys_icache_invalidate(ram, 1 << 20);
	std::thread thread(run_one);
	thread.join();
	check(hv_vm_destroy());
	return EXIT_SUCCESS;
}
