package dev.penstock.flow;

/** What an action takes besides a number. */
public sealed interface FlowArgument permits FlowAge, FlowCounter, FlowHeader, FlowIndirect, FlowMeter, FlowSample {}
