-- What the roll must answer, person by person; as in family.sql.
SELECT p.citizen_id, json_build_object(
  'citizenId', p.citizen_id, 'name', p.name, 'sexCode', p.sex_code, 'birthDate', p.birth_date,
  'vitalStatus', p.vital_status, 'householdId', p.household_id,
  'isInsuredEmployeePension', EXISTS (
    SELECT FROM si_enrolment e
    WHERE e.citizen_id = p.citizen_id AND e.insurance_type = 'EMPLOYEE_PENSION' AND e.status = 'ACTIVE'
      AND e.division_code >= $2 AND e.division_code < $3),
  'isInsuredResidentPension', EXISTS (
    SELECT FROM si_enrolment e
    WHERE e.citizen_id = p.citizen_id AND e.insurance_type = 'RESIDENT_PENSION' AND e.status = 'ACTIVE'
      AND e.division_code >= $2 AND e.division_code < $3),
  'isInsuredEmployeeMedical', EXISTS (
    SELECT FROM si_enrolment e
    WHERE e.citizen_id = p.citizen_id AND e.insurance_type = 'EMPLOYEE_MEDICAL' AND e.status = 'ACTIVE'
      AND e.division_code >= $2 AND e.division_code < $3),
  'receivesPension', EXISTS (
    SELECT FROM pension_benefit b
    WHERE b.citizen_id = p.citizen_id AND b.status = 'ACTIVE' AND b.division_code >= $2 AND b.division_code < $3),
  'dwellingCount', (
    SELECT count(*) FROM real_estate_right r
    WHERE r.owner_citizen_id = p.citizen_id AND r.status = 'CURRENT' AND r.is_dwelling
      AND r.division_code >= $2 AND r.division_code < $3),
  'dwellingArea', (
    SELECT trim_scale(sum(r.area_sqm))::text FROM real_estate_right r
    WHERE r.owner_citizen_id = p.citizen_id AND r.status = 'CURRENT' AND r.is_dwelling
      AND r.division_code >= $2 AND r.division_code < $3))::text
FROM person p
WHERE p.citizen_id = ANY($1::text[]) AND p.division_code >= $2 AND p.division_code < $3
