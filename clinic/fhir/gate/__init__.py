"""The parts of the gate that every written FHIR resource passes; `clinic.fhir.validate` is its door.

The rules come from HL7's published R4 definitions, condensed by `build` into `clinic/fhir/data`, and not from
the R4B models: these read "yes" as true, know 57 required bindings too few (Money.currency, Quantity.comparator,
Condition.clinicalStatus) and lack 19 resource types of R4. The models are the typed reader (`clinic.fhir.typed`).
"""
