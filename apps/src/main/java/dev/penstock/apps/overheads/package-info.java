/** What a packet costs on each way between a program and the network: {@code penstock overheads}. */
package dev.penstock.apps.overheads;
