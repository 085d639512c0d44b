-- Comes with its part of the control plane.
SELECT 1;
