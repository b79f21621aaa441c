ALTER TABLE `attempts` ADD `place` text;--> statement-breakpoint
ALTER TABLE `jobs` ADD `executor` text DEFAULT 'local' NOT NULL;