package dev.penstock.apps.vswitch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
    @Test
    void shouldReadAllFields() {
        Config config = Config.parse("f", """
                ageing: 60
                max-macs: 100
                ports:
                  - name: vm1
                    vdev: net_null0
                    tenant: blue
                    vlan: 10
                    isolated: yes
                    mac-limit: 4
                    rx-rate: 1gbit
                    tx-rate: {rate: 100mbit, burst: 64k}
                    flood: {broadcast: 100, multicast: off, unknown: unlimited}
                    acl-in:
                      - permit: {src-mac: "02:00:00:00:00:01", src: 198.18.0.0/15, proto: tcp, dst-port: 80-443}
                      - deny: {}
                  - {name: vm2, vdev: net_null1, trunk: {vlans: [1, 20-30], native: 5}}
                  - {name: vm3, vdev: net_null2, trunk: all, rx-rate: unlimited, tx-rate: off}
                underlays:
                  - {name: wan, vdev: net_null3, address: 198.18.0.1/24, gateway: 198.18.0.254, mtu: 9000}
                tunnels:
                  - {name: host2, underlay: wan, remote: 203.0.113.9, vni: 77, tenant: blue, vlan: 10}
                mirrors:
                  - {file: /nowhere/x.pcapng, ports: [vm1, vm2], direction: rx}
                """);
        assertEquals(60, config.ageingS());
        assertEquals(100, config.maxMacs());
        assertEquals(7, config.steps().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "''; f: there is nothing in it",
        "ports: [; f:1: no YAML",
        "prots: []; f:1: prots: no such field; there are ports",
        "ports: 7; f:1: ports: give a list",
        "ports: [{vdev: net_null0}]; f:1: ports[0]: name is missing",
        "ports: [{name: a}]; f:1: ports[0]: vdev is missing; give device arguments",
        "ports: [{name: a b, vdev: x}]; f:1: ports[0].name: 'a b' is no name",
        "ports: [{name: a, vdev: x}, {name: a, vdev: y}]; f:1: ports[1].name: there is a port named a already",
        "ports: [{name: a, vdev: x, vlan: 4095}]; f:1: ports[0].vlan: '4095' is no number from 1 to 4094",
        "ports: [{name: a, vdev: x, vlan: 1, trunk: all}]; f:1: ports[0].trunk: a port is either",
        "ports: [{name: a, vdev: x, trunk: [9-3]}]; f:1: ports[0].trunk[0]: '9-3' is neither a number",
        "ports: [{name: a, vdev: x, trunk: {native: 1}}]; f:1: ports[0].trunk: vlans is missing",
        "ports: [{name: a, vdev: x, isolated: maybe}]; f:1: ports[0].isolated: 'maybe'; give true or false",
        "ports: [{name: a, vdev: x, rx-rate: fast}]; f:1: ports[0].rx-rate: 'fast' is not a rate such as",
        "ports: [{name: a, vdev: x, rx-rate: {rate: 1mbit}}]; f:1: ports[0].rx-rate: burst is missing",
        "ports: [{name: a, vdev: x, tx-rate: {rate: 1mbit, burst: 1500}}]; f:1: ports[0].tx-rate: a burst of 1500 bytes holds no frame",
        "ports: [{name: a, vdev: x, flood: {all: 1}}]; f:1: ports[0].flood.all: no kind of flood",
        "ports: [{name: a, vdev: x, vlam: 1}]; f:1: ports[0].vlam: no such field; there are name, vdev, tenant, vlan",
        "ports: [{name: a, vdev: x, vlan: 1, vlan: 2}]; f:1: ports[0]: vlan is there twice",
        "ports: [{name: a, vdev: x, acl-in: [{drop: {}}]}]; f:1: ports[0].acl-in[0]: give a rule as",
        "ports: [{name: a, vdev: x, acl-in: [{deny: {src: 1.2.3.4/33}}]}]; f:1: ports[0].acl-in[0].deny.src: no prefix",
        "ports: [{name: a, vdev: x, acl-in: [{deny: {dst-port: 25}}]}]; f:1: ports[0].acl-in[0].deny: ports without a protocol",
        "ports: [{name: a, vdev: x, acl-in: [{deny: {src-mac: 1}}]}]; f:1: ports[0].acl-in[0].deny.src-mac: no MAC address",
        "underlays: [{name: w, vdev: x, address: 198.18.0.1}]; f:1: underlays[0].address: '198.18.0.1' is not an address with",
        "underlays: [{name: w, vdev: x, address: 198.18.0.1/24, gateway: 198.19.0.1}]; f:1: underlays[0].address: the gateway",
        "tunnels: [{name: t, underlay: w, remote: 198.18.0.2, vni: 16777216}]; f:1: tunnels[0].vni: '16777216' is no number",
        "mirrors: [{file: x, ports: [a], direction: up}]; f:1: mirrors[0].direction: 'up'; give rx, tx or both",
    })
    void shouldNameLineAndFieldOfAnError(String yaml, String error) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Config.parse("f", yaml));
        assertEquals(error, e.getMessage().substring(0, Math.min(error.length(), e.getMessage().length())));
    }

    @Test
    void shouldCountLinesFromOne() {
        String yaml = "ageing: 300\nports:\n  - name: a\n    vdev: x\n    vlan: 0\n";
        assertEquals("f:5: ports[0].vlan: '0' is no number from 1 to 4094",
                assertThrows(IllegalArgumentException.class, () -> Config.parse("f", yaml)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"8bit,1", "64kbit,8000", "100mbit,12500000", "10gbit,1250000000"})
    void shouldReadRates(String text, long bytesPerSecond) {
        assertEquals(bytesPerSecond, Quantity.rate(text));
    }
}
