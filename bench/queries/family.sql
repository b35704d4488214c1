-- What the family check must answer, asked in another way than the gateway asks: one document for each
-- citizen number, put together by the database. $1: citizen numbers; $2, $3: the divisions whose rows are read, from
-- one text to another. A row without a division lies in none, but everywhere, which begins with the empty text.
WITH
  people AS NOT MATERIALIZED (SELECT * FROM person WHERE coalesce(division_code, '') >= $2 AND coalesce(division_code, '') < $3),
  answers AS (
    SELECT p.citizen_id AS key, json_build_object(
      'citizenId', p.citizen_id, 'name', p.name, 'birthDate', p.birth_date,
      'household', (
        SELECT json_build_object('kind', h.kind, 'memberCount', h.member_count, 'members', (
          SELECT coalesce(json_agg(json_build_object(
            'relationToHeadCode', m.relation_to_head_code, 'isCounted', m.is_counted,
            'person', (
              SELECT json_build_object(
                'citizenId', q.citizen_id, 'name', q.name, 'birthDate', q.birth_date,
                'siEnrolments', (
                  SELECT coalesce(json_agg(json_build_object(
                    'insuranceType', e.insurance_type, 'status', e.status, 'startedOn', e.started_on)
                    ORDER BY e.started_on DESC NULLS LAST, e.id), '[]')
                  FROM si_enrolment e
                  WHERE e.citizen_id = q.citizen_id AND coalesce(e.division_code, '') >= $2 AND coalesce(e.division_code, '') < $3),
                'realEstateRights', (
                  SELECT coalesce(json_agg(json_build_object(
                    'rightKind', r.right_kind, 'areaSqm', trim_scale(r.area_sqm)::text, 'status', r.status)
                    ORDER BY r.registered_on DESC NULLS LAST, r.id), '[]')
                  FROM real_estate_right r
                  WHERE r.owner_citizen_id = q.citizen_id AND coalesce(r.division_code, '') >= $2 AND coalesce(r.division_code, '') < $3),
                'studentAids', (
                  SELECT coalesce(json_agg(json_build_object(
                    'kind', a.kind, 'amount', a.amount::text, 'schoolYear', a.school_year)
                    ORDER BY a.granted_on DESC NULLS LAST, a.id), '[]')
                  FROM student_aid a
                  WHERE a.citizen_id = q.citizen_id AND coalesce(a.division_code, '') >= $2 AND coalesce(a.division_code, '') < $3),
                'unionFiles', (
                  SELECT coalesce(json_agg(json_build_object(
                    'fileNo', u.file_no, 'status', u.status, 'targetClass', u.target_class, 'openedOn', u.opened_on)
                    ORDER BY u.opened_on DESC NULLS LAST, u.file_no), '[]')
                  FROM union_file u
                  WHERE u.citizen_id = q.citizen_id AND coalesce(u.division_code, '') >= $2 AND coalesce(u.division_code, '') < $3))
              FROM people q WHERE q.citizen_id = m.citizen_id))
            ORDER BY m.id), '[]')
          FROM household_member m
          WHERE m.household_id = h.id AND coalesce(m.division_code, '') >= $2 AND coalesce(m.division_code, '') < $3))
        FROM household h
        WHERE h.id = p.household_id AND coalesce(h.division_code, '') >= $2 AND coalesce(h.division_code, '') < $3)) AS answer
    FROM people p
    WHERE p.citizen_id = ANY($1::text[]))
SELECT key, json_build_object('person', answer)::text FROM answers
