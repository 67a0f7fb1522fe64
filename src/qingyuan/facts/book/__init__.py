"""The sheets of the audit workbook as they are written, a module for each kind; ``template`` puts them together."""
