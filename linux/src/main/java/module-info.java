/** The only door to the operating system: every native call and raw address of Penstock is made here. */
module dev.penstock.linux {
    exports dev.penstock.linux;
    exports dev.penstock.raw to dev.penstock.core, dev.penstock.tables;
}
