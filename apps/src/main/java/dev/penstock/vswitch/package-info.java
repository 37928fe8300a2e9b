/**
 * A virtual switch over any ports: MAC learning, VLANs, tenants, flood limits, policers, access lists, VXLAN tunnels and mirrors.
 *
 * <p>{@link dev.penstock.vswitch.VirtualSwitch} is what a control thread uses; each lcore runs one
 * {@link dev.penstock.vswitch.Forwarder}. What forwarders read is one immutable plan, replaced as a whole at each
 * change and let go after a grace period ({@link dev.penstock.rcu.Qsbr}), so that ports come and go while traffic flows.
 */
package dev.penstock.vswitch;
