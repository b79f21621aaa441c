ALTER TABLE `attempts` ADD `code` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `reused_from` integer REFERENCES jobs(id);