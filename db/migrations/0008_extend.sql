ALTER TABLE `jobs` ADD `awaits` integer REFERENCES jobs(id);--> statement-breakpoint
ALTER TABLE `jobs` ADD `continues` text;--> statement-breakpoint
CREATE INDEX `jobs_awaits` ON `jobs` (`awaits`) WHERE "jobs"."awaits" is not null;