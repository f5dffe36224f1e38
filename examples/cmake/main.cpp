// A C++ application around the kernel: a pump as a class, stopped by a fault of its motor.
#include "insulin-u100.h"

#include <iostream>
#include <stdexcept>
#include <string>

namespace {

constexpr std::int64_t unit = 1000000;  // micro-units

class Pump {
 public:
  explicit Pump(const dosekernel_limits &limits) : limits_(limits) {
    const std::int64_t refused = dosekernel_init(&state_, &limits, now_);
    if (refused != DOSEKERNEL_REASON_NONE) {
      throw std::invalid_argument("limits refused: reason " + std::to_string(refused));
    }
  }

  dosekernel_outcome request(std::int64_t kind, std::int64_t amount = 0, std::int64_t rate = 0) {
    dosekernel_event event = {};
    event.kind = kind;
    event.id = ++last_id_;
    event.amount = amount;
    event.rate = rate;
    return step(event);
  }

  // Minutes pass; the motor moves what the kernel releases, or reports that it cannot.
  dosekernel_outcome run(int minutes) {
    dosekernel_outcome told = {};
    for (int minute = 0; minute < minutes; ++minute) {
      now_ += DOSEKERNEL_MINUTE;
      dosekernel_event event = {};
      event.kind = DOSEKERNEL_TICK;
      told = step(event);
      if (told.pulses == 0) continue;
      event.kind = broken ? DOSEKERNEL_UNCERTAIN : DOSEKERNEL_CONFIRM;
      event.id = told.sequence;
      event.amount = broken ? 0 : told.amount;
      moved += event.amount;
      told = step(event);
    }
    return told;
  }

  std::int64_t moved = 0;
  bool broken = false;

 private:
  dosekernel_outcome step(dosekernel_event event) {
    dosekernel_outcome outcome;
    event.at = event.issued_at = now_;
    event.source = DOSEKERNEL_USER;
    dosekernel_step(&state_, &event, &outcome);
    return outcome;
  }

  dosekernel_state state_ = {};
  const dosekernel_limits &limits_;
  std::int64_t now_ = 0;
  std::int64_t last_id_ = 0;
};

void set_up(Pump &pump) {
  pump.request(DOSEKERNEL_LOAD_RESERVOIR, 200 * unit);
  pump.request(DOSEKERNEL_PRIME, 10 * unit);
  pump.run(15);
  pump.request(DOSEKERNEL_INSERT_SET);
  pump.request(DOSEKERNEL_CONNECT);
  pump.request(DOSEKERNEL_FILL_CANNULA, 3 * unit / 10);
  pump.run(2);
  pump.request(DOSEKERNEL_SET_BASAL, 0, unit);
}

}  // namespace

int main() {
  Pump pump(insulin_u100);
  set_up(pump);
  pump.moved = 0;
  pump.run(60);
  std::cout << "an hour of basal: " << static_cast<double>(pump.moved) / unit << " U\n";

  // The motor cannot tell how much of two releases it gave: they count as given, and it stops.
  pump.broken = true;
  const dosekernel_outcome told = pump.run(60);
  const bool stopped = told.mode == DOSEKERNEL_MODE_FAULTED && (told.alarms & DOSEKERNEL_ALARM_FAULT);
  std::cout << (stopped ? "the pump has stopped" : "THE PUMP GOES ON") << "\n";
  const dosekernel_outcome bolus = pump.request(DOSEKERNEL_BOLUS, unit);
  std::cout << "a bolus now: " << (bolus.status == DOSEKERNEL_REFUSED ? "refused" : "ACCEPTED") << "\n";
  return stopped && bolus.reason == DOSEKERNEL_REASON_FAULTED ? 0 : 1;
}
