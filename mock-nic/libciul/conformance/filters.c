/* Filters: what they take, which wins, and what is refused. */
#include "station.h"

enum { TAKERS = 3 };

static struct port near, far;
static struct station tx, takers[TAKERS];
static struct flow flow;
static uint32_t sent;

/* Which takers get a frame of this flow, as a mask; those are waited for that should, and then whether others do, too. */
static int reached(const struct flow *to, int expected)
{
  int mask = 0;
  ++sent;
  REQUIRE(station_send(&tx, to, 60, sent) == 0);
  int64_t start = nanoseconds(), quiet = start;
  do {
    for (int i = 0; i < TAKERS; ++i) {
      ef_event event;
      while (station_event(&takers[i], &event))
        if (station_take(&takers[i], &event, to, 60) == sent)
          mask |= 1 << i;
    }
    quiet = (mask & expected) == expected ? quiet : nanoseconds();
  } while (nanoseconds() < quiet + quiet_time() && nanoseconds() < start + STATION_PATIENCE);
  station_drain(&tx);
  return mask;
}

static int add(int taker, const ef_filter_spec *spec, ef_filter_cookie *cookie)
{
  return ef_vi_filter_add(&takers[taker].vi, far.driver, spec, cookie);
}

static int drop(int taker, ef_filter_cookie *cookie)
{
  return ef_vi_filter_del(&takers[taker].vi, far.driver, cookie);
}

static ef_filter_spec local(const struct flow *to)
{
  ef_filter_spec spec;
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_local(&spec, IPPROTO_UDP, htonl(to->to), htons(to->to_port)) == 0);
  return spec;
}

static void addresses(void)
{
  ef_filter_cookie one, two;
  ef_filter_spec spec = local(&flow);
  CHECK_EQUAL("without a filter nothing is received", reached(&flow, 0), 0);
  CHECK_EQUAL("a filter on a local address and port can be had", add(0, &spec, &one), 0);
  CHECK_EQUAL("it takes what goes there", reached(&flow, 1), 1);
  struct flow other = flow;
  other.to_port++;
  CHECK_EQUAL("and not another port's", reached(&other, 0), 0);
  other = flow;
  other.to++;
  CHECK_EQUAL("nor another address's", reached(&other, 0), 0);
  other = flow;
  other.from++;
  other.from_port++;
  CHECK_EQUAL("from wherever it comes", reached(&other, 1), 1);
  CHECK_EQUAL("the same filter again exists already", add(1, &spec, &two), -EEXIST);

  ef_filter_spec full;
  ef_filter_spec_init(&full, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_full(&full, IPPROTO_UDP, htonl(flow.to), htons(flow.to_port), htonl(flow.from),
                                      htons(flow.from_port)) == 0);
  CHECK_EQUAL("a filter on both ends can be had", add(1, &full, &two), 0);
  CHECK_EQUAL("the more specific filter wins", reached(&flow, 2), 2);
  CHECK_EQUAL("the other has the rest", reached(&other, 1), 1);
  CHECK_EQUAL("a filter is removed", drop(1, &two), 0);
  CHECK_EQUAL("with effect at once", reached(&flow, 1), 1);
  CHECK("and once", drop(1, &two) < 0);
  REQUIRE(drop(0, &one) == 0);
  CHECK_EQUAL("with the last filter gone nothing is received", reached(&flow, 0), 0);
  CHECK_EQUAL("what was removed can be added by another", add(2, &spec, &one), 0);
  CHECK_EQUAL("who has it then", reached(&flow, 4), 4);
  REQUIRE(drop(2, &one) == 0);
}

/* Filters that steer to queues that several VIs may have. */
static void shared_queues(void)
{
  ef_filter_cookie one, two;
  ef_filter_spec spec = local(&flow);
  CHECK_EQUAL("without a filter nothing is received", reached(&flow, 0), 0);
  CHECK_EQUAL("a filter on a local address and port can be had", add(0, &spec, &one), 0);
  CHECK_EQUAL("it takes what goes there", reached(&flow, 1), 1);
  struct flow other = flow;
  other.to_port++;
  CHECK_EQUAL("and not another port's", reached(&other, 0), 0);
  CHECK_EQUAL("the same filter again leads to the same queue", add(1, &spec, &two), 0);
  CHECK_EQUAL("each of its VIs gets what it gets", reached(&flow, 3), 3);
  ef_filter_info first, second;
  CHECK("both say which queue that is", ef_vi_filter_query(&takers[0].vi, far.driver, &one, &first, sizeof(first)) == 0 &&
                                            ef_vi_filter_query(&takers[1].vi, far.driver, &two, &second, sizeof(second)) == 0 &&
                                            (first.valid_fields & EF_FILTER_FIELD_QUEUE) && first.q_id == second.q_id);
  REQUIRE(drop(1, &two) == 0);
  CHECK_EQUAL("a VI stays with its queue when its filter goes", reached(&flow, 3), 3);
  REQUIRE(drop(0, &one) == 0);
  CHECK_EQUAL("with the last filter gone nothing is received", reached(&flow, 0), 0);
  CHECK_EQUAL("a filter is removed once", drop(0, &one), -EINVAL);
}

static void unknown_kinds(void)
{
  ef_filter_cookie cookie;
  ef_filter_spec spec;
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_port_sniff(&spec, 1) == 0);
  CHECK_EQUAL("a kind of filter that the adapter has not is refused: sniffing", add(0, &spec, &cookie), -EPROTONOSUPPORT);
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_unicast_mismatch(&spec) == 0);
  CHECK_EQUAL("and what nobody else takes", add(0, &spec, &cookie), -EPROTONOSUPPORT);
}

static void ethernet(void)
{
  ef_filter_cookie cookie;
  ef_filter_spec spec;
  uint8_t mac[6] = {2, 0xaa, 0xbb, 0xcc, 0xdd, 1};
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_eth_local(&spec, EF_FILTER_VLAN_ID_ANY, mac) == 0);
  CHECK_EQUAL("a filter on a MAC address can be had", add(0, &spec, &cookie), 0);
  struct flow there = flow;
  memcpy(there.to_mac, mac, 6);
  CHECK_EQUAL("it takes what goes there", reached(&there, 1), 1);
  CHECK_EQUAL("and nothing else", reached(&flow, 0), 0);
  REQUIRE(drop(0, &cookie) == 0);
}

static void groups(void)
{
  ef_filter_cookie cookies[TAKERS];
  struct flow group = flow;
  uint8_t mac[6] = {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03};
  memcpy(group.to_mac, mac, 6);
  group.to = ntohl(inet_addr("239.1.2.3"));
  ef_filter_spec spec = local(&group), all;
  CHECK_EQUAL("a group's filter can be had", add(0, &spec, &cookies[0]), 0);
  CHECK_EQUAL("by several", add(1, &spec, &cookies[1]), 0);
  CHECK_EQUAL("each gets a copy", reached(&group, 3), 3);
  ef_filter_spec_init(&all, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_multicast_all(&all) == 0);
  CHECK_EQUAL("one for all groups, too", add(2, &all, &cookies[2]), 0);
  struct flow other = group;
  other.to++;
  other.to_mac[5]++;
  CHECK("it takes the groups that nobody else has", reached(&other, 4) & 4);
  CHECK_EQUAL("unicast is none of its", reached(&flow, 0), 0);
  for (int i = 0; i < TAKERS; ++i)
    REQUIRE(drop(i, &cookies[i]) == 0);
}

static void refusals(void)
{
  ef_filter_spec spec = local(&flow), before = spec;
  uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
  CHECK_EQUAL("a second filter on a specification does not go with the first",
              ef_filter_spec_set_eth_local(&spec, EF_FILTER_VLAN_ID_ANY, mac), -EPROTONOSUPPORT);
  CHECK("and leaves it as it was", memcmp(&spec, &before, sizeof(spec)) == 0);
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  ef_filter_cookie cookie;
  CHECK("an empty specification is no filter", add(0, &spec, &cookie) < 0);
}

int main(void)
{
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  for (int i = 0; i < TAKERS; ++i) {
    station_open(&takers[i], &far, EF_VI_FLAGS_DEFAULT);
    station_prepare(&takers[i], 64);
  }
  flow = station_flow(&tx, &takers[0], "192.0.2.1");
  if (port_capability(&far, EF_VI_CAP_RX_SHARED)) {
    shared_queues();
    unknown_kinds();
    for (int i = 0; i < TAKERS; ++i) {
      station_close(&takers[i]);
      station_open(&takers[i], &far, EF_VI_FLAGS_DEFAULT);
    }
  } else {
    addresses();
  }
  ethernet();
  groups();
  refusals();
  for (int i = 0; i < TAKERS; ++i)
    station_close(&takers[i]);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
