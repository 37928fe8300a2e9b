/** What all tables have in common. */
package dev.penstock.tables;
