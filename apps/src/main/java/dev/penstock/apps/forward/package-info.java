/** What l2fwd and l3fwd share: masks, pairs in parentheses, ports' start, statistics. */
package dev.penstock.apps.forward;
