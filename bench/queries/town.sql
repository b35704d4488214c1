-- What the page of a town's households must answer; as in family.sql, $1 being towns.
WITH
  towns AS (
    SELECT code, left(code, 9) || '999' AS last FROM unnest($1::text[]) AS t(code)),
  pages AS (
    SELECT t.code, h.*
    FROM towns t CROSS JOIN LATERAL (
      SELECT * FROM household h
      WHERE h.division_code BETWEEN t.code AND t.last AND h.division_code >= $2 AND h.division_code < $3
      ORDER BY h.id LIMIT 50) h),
  members AS (
    SELECT m.id, m.household_id, json_build_object(
      'relationToHeadCode', m.relation_to_head_code, 'isCounted', m.is_counted,
      'person', (
        SELECT json_build_object(
          'citizenId', q.citizen_id, 'name', q.name, 'birthDate', q.birth_date,
          'siEnrolments', (
            SELECT coalesce(json_agg(json_build_object(
              'insuranceType', e.insurance_type, 'status', e.status, 'startedOn', e.started_on)
              ORDER BY e.started_on DESC NULLS LAST, e.id), '[]')
            FROM si_enrolment e
            WHERE e.citizen_id = q.citizen_id AND e.division_code >= $2 AND e.division_code < $3),
          'dwellingCount', (
            SELECT count(*) FROM real_estate_right r
            WHERE r.owner_citizen_id = q.citizen_id AND r.status = 'CURRENT' AND r.is_dwelling
              AND r.division_code >= $2 AND r.division_code < $3),
          'dwellingArea', (
            SELECT trim_scale(sum(r.area_sqm))::text FROM real_estate_right r
            WHERE r.owner_citizen_id = q.citizen_id AND r.status = 'CURRENT' AND r.is_dwelling
              AND r.division_code >= $2 AND r.division_code < $3))
        FROM person q
        WHERE q.citizen_id = m.citizen_id AND q.division_code >= $2 AND q.division_code < $3)) AS answer
    FROM household_member m
    WHERE m.household_id IN (SELECT id FROM pages) AND m.division_code >= $2 AND m.division_code < $3)
SELECT p.code, json_build_object('households', json_build_object('nodes', json_agg(json_build_object(
    'id', p.id, 'kind', p.kind, 'memberCount', p.member_count,
    'members', (SELECT coalesce(json_agg(m.answer ORDER BY m.id), '[]') FROM members m WHERE m.household_id = p.id))
    ORDER BY p.id)))::text
FROM pages p
GROUP BY p.code
