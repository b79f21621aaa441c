ALTER TABLE `points` ADD `objectives` text;--> statement-breakpoint
ALTER TABLE `points` ADD `constrained` text;--> statement-breakpoint
ALTER TABLE `points` ADD `broken` text;