/** Set summaries: in which set a key is, or how often it came, without keeping the keys (DPDK: librte_member). */
package dev.penstock.member;
