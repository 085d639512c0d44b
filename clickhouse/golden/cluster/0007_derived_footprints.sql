DROP VIEW IF EXISTS ecomind_local.usage_1m_view ON CLUSTER 'main' SYNC;

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main'
  ADD COLUMN IF NOT EXISTS coefficients LowCardinality(String) CODEC(ZSTD(1)) AFTER quality;

CREATE OR REPLACE TABLE ecomind_in.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main'
  UPDATE coefficients = concat(
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(kwh))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(kwh_low))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(kwh_high))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(water_l))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(water_l_low))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(water_l_high))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(water_l_onsite))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(co2_kg))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(co2_kg_low))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(co2_kg_high))),
    reinterpretAsFixedString(toFloat64(reinterpretAsInt64(co2_kg_use)))
  )
  WHERE coefficients = ''
  SETTINGS mutations_sync = 2;

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main'
  MODIFY COLUMN kwh Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN kwh_low Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN kwh_high Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN water_l Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN water_l_low Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN water_l_high Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN water_l_onsite Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN co2_kg Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN co2_kg_low Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN co2_kg_high Decimal(18, 12) DEFAULT 0,
  MODIFY COLUMN co2_kg_use Decimal(18, 12) DEFAULT 0;

CREATE OR REPLACE TABLE ecomind_in.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main'
  MODIFY COLUMN kwh CODEC(T64, ZSTD(1)),
  MODIFY COLUMN kwh_low CODEC(T64, ZSTD(1)),
  MODIFY COLUMN kwh_high CODEC(T64, ZSTD(1)),
  MODIFY COLUMN water_l CODEC(T64, ZSTD(1)),
  MODIFY COLUMN water_l_low CODEC(T64, ZSTD(1)),
  MODIFY COLUMN water_l_high CODEC(T64, ZSTD(1)),
  MODIFY COLUMN water_l_onsite CODEC(T64, ZSTD(1)),
  MODIFY COLUMN co2_kg CODEC(T64, ZSTD(1)),
  MODIFY COLUMN co2_kg_low CODEC(T64, ZSTD(1)),
  MODIFY COLUMN co2_kg_high CODEC(T64, ZSTD(1)),
  MODIFY COLUMN co2_kg_use CODEC(T64, ZSTD(1));

CREATE OR REPLACE TABLE ecomind_in.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main'
  MODIFY COLUMN kwh REMOVE CODEC,
  MODIFY COLUMN kwh_low REMOVE CODEC,
  MODIFY COLUMN kwh_high REMOVE CODEC,
  MODIFY COLUMN water_l REMOVE CODEC,
  MODIFY COLUMN water_l_low REMOVE CODEC,
  MODIFY COLUMN water_l_high REMOVE CODEC,
  MODIFY COLUMN water_l_onsite REMOVE CODEC,
  MODIFY COLUMN co2_kg REMOVE CODEC,
  MODIFY COLUMN co2_kg_low REMOVE CODEC,
  MODIFY COLUMN co2_kg_high REMOVE CODEC,
  MODIFY COLUMN co2_kg_use REMOVE CODEC;

CREATE OR REPLACE TABLE ecomind_in.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main'
  MODIFY COLUMN kwh Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 1, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 1, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 9, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 17, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 25, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 33, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 41, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 49, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN kwh_low Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 9, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 57, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 65, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 73, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 81, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 89, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 97, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 105, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN kwh_high Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 17, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 113, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 121, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 129, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 137, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 145, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 153, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 161, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN water_l Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 25, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 169, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 177, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 185, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 193, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 201, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 209, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 217, 8))) + (reinterpretAsFloat64(substring(coefficients, 337, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 345, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 353, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 361, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 369, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 377, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 385, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN water_l_low Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 33, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 225, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 233, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 241, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 249, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 257, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 265, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 273, 8))) + (reinterpretAsFloat64(substring(coefficients, 393, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 401, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 409, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 417, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 425, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 433, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 441, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN water_l_high Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 41, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 281, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 289, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 297, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 305, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 313, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 321, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 329, 8))) + (reinterpretAsFloat64(substring(coefficients, 449, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 457, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 465, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 473, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 481, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 489, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 497, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN water_l_onsite Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 49, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 169, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 177, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 185, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 193, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 201, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 209, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 217, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN co2_kg Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 57, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 505, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 513, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 521, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 529, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 537, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 545, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 553, 8))) + (reinterpretAsFloat64(substring(coefficients, 673, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 681, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 689, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 697, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 705, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 713, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 721, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN co2_kg_low Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 65, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 561, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 569, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 577, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 585, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 593, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 601, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 609, 8))) + (reinterpretAsFloat64(substring(coefficients, 729, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 737, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 745, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 753, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 761, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 769, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 777, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN co2_kg_high Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 73, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 617, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 625, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 633, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 641, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 649, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 657, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 665, 8))) + (reinterpretAsFloat64(substring(coefficients, 785, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 793, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 801, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 809, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 817, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 825, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 833, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)'),
  MODIFY COLUMN co2_kg_use Decimal(18, 12) ALIAS reinterpret(if(length(coefficients) = 88, toInt64(reinterpretAsFloat64(substring(coefficients, 81, 8))), bitShiftRight(toInt64(least(((reinterpretAsFloat64(substring(coefficients, 505, 8)) + greatest(toInt64(tokens_in) - toInt64(tokens_cache_read) - toInt64(tokens_cache_write), 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 513, 8)) + tokens_cache_read / 1000. * reinterpretAsFloat64(substring(coefficients, 521, 8)) + tokens_cache_write / 1000. * reinterpretAsFloat64(substring(coefficients, 529, 8)) + (toInt64(tokens_out) + if(reasoning_separate, toInt64(tokens_reasoning), 0)) / 1000. * reinterpretAsFloat64(substring(coefficients, 537, 8)) + toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000) / 1000000. * reinterpretAsFloat64(substring(coefficients, 545, 8)) + if(tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0, tokens_out, 0) / 1000. * reinterpretAsFloat64(substring(coefficients, 553, 8)))) * 1000000000000. * 2, 18014398509481982.)) + 1, 1)), 'Decimal(18, 12)');

CREATE OR REPLACE TABLE ecomind_in.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.usage_minutes ON CLUSTER 'main'
(
  window_start DateTime('UTC'),
  org_id LowCardinality(String),
  user_id String,
  team_id LowCardinality(String),
  project_id LowCardinality(String),
  source LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  region LowCardinality(String),
  factor_set LowCardinality(String),
  factor_id LowCardinality(String),
  grid_id LowCardinality(String),
  calls Int64,
  calls_measured Int64,
  calls_unknown Int64,
  calls_region_inferred Int64,
  tokens_in Int64,
  tokens_in_squared Int64,
  tokens_out Int64,
  tokens_cache_read Int64,
  tokens_cache_write Int64,
  tokens_reasoning Int64,
  tokens_reasoning_separate Int64,
  tokens_out_reasoning_hidden Int64,
  kwh Decimal(38, 12),
  kwh_low Decimal(38, 12),
  kwh_high Decimal(38, 12),
  water_l Decimal(38, 12),
  water_l_low Decimal(38, 12),
  water_l_high Decimal(38, 12),
  water_l_onsite Decimal(38, 12),
  co2_kg Decimal(38, 12),
  co2_kg_low Decimal(38, 12),
  co2_kg_high Decimal(38, 12),
  co2_kg_use Decimal(38, 12),
  watermark_at DateTime('UTC')
)
ENGINE = Null;

CREATE TABLE IF NOT EXISTS ecomind_in.usage_minutes ON CLUSTER 'main' AS ecomind_local.usage_minutes ENGINE = Distributed('main', 'ecomind_local', 'usage_minutes', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.usage_minutes ON CLUSTER 'main' AS ecomind_local.usage_minutes ENGINE = Distributed('main', 'ecomind_local', 'usage_minutes', cityHash64(org_id));

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_1m_view ON CLUSTER 'main' TO ecomind_local.usage_1m AS
SELECT
  window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  calls,
  calls_measured,
  calls_unknown,
  calls_region_inferred,
  tokens_in,
  tokens_in_squared,
  tokens_out,
  tokens_cache_read,
  tokens_cache_write,
  tokens_reasoning,
  tokens_reasoning_separate,
  tokens_out_reasoning_hidden,
  kwh,
  kwh_low,
  kwh_high,
  water_l,
  water_l_low,
  water_l_high,
  water_l_onsite,
  co2_kg,
  co2_kg_low,
  co2_kg_high,
  co2_kg_use,
  watermark_at
FROM ecomind_local.usage_minutes;

DROP VIEW IF EXISTS ecomind_local.usage_15m_view ON CLUSTER 'main' SYNC;

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_15m_view ON CLUSTER 'main' TO ecomind_local.usage_15m AS
SELECT
  toStartOfFifteenMinutes(usage_1m.window_start, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  calls,
  calls_measured,
  calls_unknown,
  calls_region_inferred,
  tokens_in,
  tokens_in_squared,
  tokens_out,
  tokens_cache_read,
  tokens_cache_write,
  tokens_reasoning,
  tokens_reasoning_separate,
  tokens_out_reasoning_hidden,
  kwh,
  kwh_low,
  kwh_high,
  water_l,
  water_l_low,
  water_l_high,
  water_l_onsite,
  co2_kg,
  co2_kg_low,
  co2_kg_high,
  co2_kg_use,
  watermark_at
FROM ecomind_local.usage_1m;

DROP VIEW IF EXISTS ecomind_local.usage_1h_view ON CLUSTER 'main' SYNC;

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_1h_view ON CLUSTER 'main' TO ecomind_local.usage_1h AS
SELECT
  toStartOfHour(usage_15m.window_start, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  calls,
  calls_measured,
  calls_unknown,
  calls_region_inferred,
  tokens_in,
  tokens_in_squared,
  tokens_out,
  tokens_cache_read,
  tokens_cache_write,
  tokens_reasoning,
  tokens_reasoning_separate,
  tokens_out_reasoning_hidden,
  kwh,
  kwh_low,
  kwh_high,
  water_l,
  water_l_low,
  water_l_high,
  water_l_onsite,
  co2_kg,
  co2_kg_low,
  co2_kg_high,
  co2_kg_use,
  watermark_at
FROM ecomind_local.usage_15m;

DROP VIEW IF EXISTS ecomind_local.usage_1d_view ON CLUSTER 'main' SYNC;

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_1d_view ON CLUSTER 'main' TO ecomind_local.usage_1d AS
SELECT
  toStartOfDay(usage_1h.window_start, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  calls,
  calls_measured,
  calls_unknown,
  calls_region_inferred,
  tokens_in,
  tokens_in_squared,
  tokens_out,
  tokens_cache_read,
  tokens_cache_write,
  tokens_reasoning,
  tokens_reasoning_separate,
  tokens_out_reasoning_hidden,
  kwh,
  kwh_low,
  kwh_high,
  water_l,
  water_l_low,
  water_l_high,
  water_l_onsite,
  co2_kg,
  co2_kg_low,
  co2_kg_high,
  co2_kg_use,
  watermark_at
FROM ecomind_local.usage_1h;

ALTER TABLE ecomind_local.usage_events ON CLUSTER 'main' MODIFY SETTING merge_selector_base = 16;

ALTER TABLE ecomind_local.usage_1m ON CLUSTER 'main' MODIFY SETTING merge_selector_base = 16;

ALTER TABLE ecomind_local.usage_15m ON CLUSTER 'main' MODIFY SETTING merge_selector_base = 16;

ALTER TABLE ecomind_local.usage_1h ON CLUSTER 'main' MODIFY SETTING merge_selector_base = 16;

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main' MODIFY SETTING merge_selector_base = 16;
