/* Onload 8.1.2: etherfabric/timer.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_TIMER_H
#define EFVI_ETHERFABRIC_TIMER_H

#include <etherfabric/ef_vi.h>

#ifdef __cplusplus
extern "C" {
#endif



/* Arms the event queue's timer, to start at the next event. */
#define ef_eventq_timer_prime(q, v) \
  ((q)->ops.eventq_timer_prime((q), (v)))
/* Starts the event queue's timer. */
#define ef_eventq_timer_run(q, v) \
  ((q)->ops.eventq_timer_run((q), (v)))
/* Stops the event queue's timer. */
#define ef_eventq_timer_clear(q) \
  ((q)->ops.eventq_timer_clear((q)))
/* Makes the event queue's timer expire at once. */
#define ef_eventq_timer_zero(q) \
  ((q)->ops.eventq_timer_zero((q)))

#ifdef __cplusplus
}
#endif

#endif
