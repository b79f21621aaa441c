ALTER TABLE `baselines` ADD `measured` text;--> statement-breakpoint
CREATE INDEX `jobs_measurement` ON `jobs` (`id`) WHERE "jobs"."number" = 0;